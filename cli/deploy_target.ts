import type { IngressOptions, Manifest, ManifestOptions } from "../builder/mod.ts";
import { loadSecrets, type Secrets } from "../engine/context/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import type { WorkflowSpec } from "../engine/spec/mod.ts";
import type { Cli } from "./cli.ts";
import { readSpec } from "./read_spec.ts";
import { findTarget, shownPath, type Target } from "./targets/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What `pd deploy` was asked. */
export interface DeployRequest {
  readonly target: string;
  /** By registry, name and version when undefined. */
  readonly image: string | undefined;
  readonly clusterRegistry: string | undefined;
  /** `""` for none. */
  readonly runtimeClass: string;
  /** Absolute. */
  readonly secretsPath: string | undefined;
  readonly ingress: IngressOptions | undefined;
  readonly dryRun: boolean;
  readonly diff: boolean;
  /** Where a kustomize base goes, absolute. */
  readonly base: string | undefined;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly force: boolean;
  readonly yes: boolean;
  readonly context: string | undefined;
  /** Absolute. */
  readonly kubeconfig: string | undefined;
}

/** A workflow that is ready to go to a cluster. */
export interface PreparedDeploy {
  readonly request: DeployRequest;
  readonly target: Target;
  readonly spec: WorkflowSpec;
  /** For the namespace that is given, in the order in which they are best applied. */
  manifests(namespace: string): readonly Manifest[];
}

const BUILDER = new URL("../builder/mod.ts", import.meta.url).href;
const STORAGE = new URL("../engine/storage/mod.ts", import.meta.url).href;
const DEPLOY_ONLINE = new URL("./deploy_online.ts", import.meta.url).href;
/** Where nothing is mounted: a laptop's `/app/secrets` is no place of this workflow. */
const NOWHERE = "/dev/null/secrets";

/** Puts a workflow on a cluster, or shows what that would be. Sets the exit code. */
export async function deployTarget(cli: Cli, request: DeployRequest): Promise<void> {
  checkFlags(request);
  const target = await findTarget(request.target, cli.io.cwd, { command: "pd deploy" });
  const spec = await readSpec(target, cli.io);
  const builder: typeof import("../builder/mod.ts") = await import(BUILDER);
  const secrets = await readSecrets(target, request.secretsPath);
  const options: ManifestOptions = {
    ...await imageOf(cli, spec, request),
    runtimeClass: request.runtimeClass,
    ...(secrets === undefined ? {} : { secrets }),
    ...(request.ingress === undefined ? {} : { ingress: request.ingress }),
  };
  for (const note of builder.manifestNotes(spec)) cli.out.note(`note: ${note}`);
  if (!request.dryRun && request.base === undefined) {
    const { deployOnline } = await import(DEPLOY_ONLINE);
    await deployOnline(cli, {
      request,
      target,
      spec,
      manifests: (namespace: string) => builder.manifests(spec, { ...options, namespace }),
    });
    return;
  }
  const namespace = cli.flags.namespace;
  const made = builder.manifests(spec, {
    ...options,
    ...(namespace === undefined ? {} : { namespace }),
  });
  if (request.base === undefined) {
    const shown = builder.withoutSecretValues(made);
    cli.out.result(builder.toYaml(shown), shown as unknown as JsonValue);
    return;
  }
  await writeBase(cli, request.base, made);
}

function checkFlags({ target, dryRun, diff, base }: DeployRequest): void {
  const given = [
    ...(dryRun ? ["--dry-run"] : []),
    ...(diff ? ["--diff"] : []),
    ...(base === undefined ? [] : ["-o <dir>"]),
  ];
  if (given.length < 2) return;
  throw new UsageError(
    `Cannot use ${given.join(" and ")} together as each asks for another answer`,
    `pd deploy ${target} ${given[0]}`,
  );
}

/** `undefined` when there are none: a Secret that is in the cluster then stays as it is. */
async function readSecrets(
  { dir }: Target,
  path: string | undefined,
): Promise<Secrets | undefined> {
  const { secrets } = await loadSecrets({
    dir,
    mounted: NOWHERE,
    ...(path === undefined ? {} : { path }),
  });
  return Object.keys(secrets).length === 0 ? undefined : secrets;
}

/** The image that is named, else the one that `pd build` makes; what it holds is known when it was built here. */
async function imageOf(
  cli: Cli,
  spec: WorkflowSpec,
  request: DeployRequest,
): Promise<Pick<ManifestOptions, "image" | "imageDigest" | "imageId">> {
  if (request.image !== undefined) return { image: request.image };
  const { imageTag, readBuildRecord }: typeof import("../builder/mod.ts") = await import(BUILDER);
  const { dataDir }: typeof import("../engine/storage/mod.ts") = await import(STORAGE);
  const { registry } = cli.flags;
  const image = imageTag(spec, request.clusterRegistry ?? registry);
  const dir = dataDir(cli.io.env);
  const built = dir === undefined ? undefined : await readBuildRecord(dir, spec.name);
  if (built === undefined || built.tag !== imageTag(spec, registry)) return { image };
  const { digest, id } = built;
  return { image, ...(digest === undefined ? { imageId: id } : { imageDigest: digest }) };
}

async function writeBase(cli: Cli, dir: string, made: readonly Manifest[]): Promise<void> {
  const builder: typeof import("../builder/mod.ts") = await import(BUILDER);
  const files = await builder.writeKustomize(dir, made);
  const shown = shownPath(dir, cli.io.cwd);
  cli.out.result(`wrote ${shown}: ${files.join(", ")}`, { dir: shown, files: [...files] });
  const secret = made.find(({ kind }) => kind === "Secret");
  if (secret !== undefined) {
    cli.out.note(
      `secrets are not in it: the pod reads them from the Secret ${secret.metadata.name}`,
    );
  }
}

import type { Manifest } from "./manifest.ts";
import { toYaml } from "./to_yaml.ts";

/** A file of a kustomize base. */
export interface BaseFile {
  /** Relative to the base. */
  readonly path: string;
  readonly text: string;
}

/**
 * The files of a kustomize base: one for each object, and `kustomization.yaml`. Secrets are left out: they
 * are no matter for a repository.
 */
export function kustomizeBase(manifests: readonly Manifest[]): readonly BaseFile[] {
  const kept = manifests.filter(({ kind }) => kind !== "Secret");
  const files = kept.map((manifest) => {
    const { kind, metadata: { name } } = manifest;
    const isOnly = kept.filter((other) => other.kind === kind).length === 1;
    const path = `${kind.toLowerCase()}${isOnly ? "" : `-${name}`}.yaml`;
    return { path, text: toYaml([manifest]) };
  });
  const [first] = kept;
  const namespace = first?.metadata.namespace;
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    ...(namespace === undefined ? {} : { namespace }),
    resources: files.map(({ path }) => path),
  };
  return [...files, { path: "kustomization.yaml", text: toYaml([kustomization]) }];
}

/** Writes a kustomize base into `dir`, which is made when it is not there. Other files in it stay. */
export async function writeKustomize(
  dir: string,
  manifests: readonly Manifest[],
): Promise<readonly string[]> {
  const files = kustomizeBase(manifests);
  await Deno.mkdir(dir, { recursive: true });
  for (const { path, text } of files) await Deno.writeTextFile(`${dir}/${path}`, text);
  return files.map(({ path }) => path);
}

import type { JsonObject, JsonValue } from "../json/mod.ts";
import { parseBytes, parseDuration } from "../units/mod.ts";
import { parseCpu } from "./text_rules.ts";
import type {
  CodeNodeSpec,
  ContainerNodeSpec,
  EdgeSpec,
  InputSpec,
  NodeSpec,
  Permissions,
  RetryPolicy,
  ServiceSpec,
  WorkflowSpec,
} from "./types.ts";
import { normalizeConfig } from "./normalize_config.ts";
import { normalizeTrigger } from "./normalize_trigger.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type NodeFile = WorkflowFile["nodes"][string];
type CodeFile = Extract<NodeFile, { path: string }>;
type ShellFile = Extract<NodeFile, { run: string }>;
type ExecFile = Extract<NodeFile, { command: string[] }>;
type PermissionsFile = NonNullable<CodeFile["permissions"]>;

interface Defaults {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly memoryBytes: number;
}

/**
 * Fills in every default and turns every unit into a number. `file` may have the gaps that a refused value
 * leaves; `written` is the whole file, whose `config` is kept as it stands; `order` is the nodes' order in
 * the text. Undefined when there is no node.
 */
export function normalize(
  file: WorkflowFile,
  written: JsonObject,
  order: readonly string[],
): WorkflowSpec | undefined {
  const files = file.nodes ?? {};
  const config = file.config ?? {};
  const defaults: Defaults = {
    timeoutMs: durationOr(config.timeout, 30_000),
    retries: config.retries ?? 0,
    memoryBytes: bytesOr(config.memory, 512 * 1024 ** 2),
  };
  const ids = order.filter((id) => Object.hasOwn(files, id));
  if (ids.length === 0) return undefined;
  const edges: EdgeSpec[] = [];
  for (const [index, edge] of (file.edges ?? []).entries()) {
    if (edge?.from === undefined || edge.to === undefined) continue;
    edges.push({ from: edge.from, to: edge.to, path: ["edges", index] });
  }
  const nodes: NodeSpec[] = [];
  for (const id of ids) {
    const node = files[id];
    if (node === undefined) continue;
    nodes.push(normalizeNode(id, node, defaults));
    edges.push(...dependencies(id, node.depends_on));
  }
  return {
    name: file.name ?? "unnamed",
    version: file.version ?? "0.0",
    description: file.description,
    triggers: (file.triggers ?? [{ type: "manual" }]).flatMap((trigger) =>
      trigger === undefined ? [] : [normalizeTrigger(trigger)]
    ),
    inputs: mapped(file.inputs, normalizeInput),
    services: mapped(file.services, ({ url = "" }): ServiceSpec => ({ url })),
    nodes,
    edges,
    config: normalizeConfig(config, written),
  };
}

function normalizeInput(input: NonNullable<WorkflowFile["inputs"]>[string]): InputSpec {
  return {
    type: input.type ?? "string",
    description: input.description,
    default: input.default as JsonValue | undefined,
    enum: input.enum as readonly JsonValue[] | undefined,
    required: input.required ?? false,
  };
}

function dependencies(id: string, dependsOn: NodeFile["depends_on"]): EdgeSpec[] {
  const path = ["nodes", id, "depends_on"];
  if (dependsOn === undefined) return [];
  if (typeof dependsOn === "string") return [{ from: dependsOn, to: id, path }];
  return dependsOn.flatMap((from, index) =>
    // A refused entry leaves a gap.
    from === undefined ? [] : [{ from, to: id, path: [...path, index] }]
  );
}

function normalizeNode(id: string, node: NodeFile, defaults: Defaults): NodeSpec {
  const base = {
    id,
    description: node.description,
    timeoutMs: durationOr(node.timeout, defaults.timeoutMs),
    retry: normalizeRetry(node, defaults),
    allowFailure: node.allow_failure ?? false,
    onLost: node.on_lost ?? "retry",
    config: (node.config ?? {}) as JsonObject,
  };
  if ("workflow" in node) return { kind: "workflow", ...base, workflow: node.workflow };
  if ("run" in node || "command" in node) return { kind: "container", ...base, ...container(node) };
  return { kind: "code", ...base, ...code(node, defaults) };
}

type Own<Spec extends NodeSpec> = Omit<
  Spec,
  "kind" | "id" | "description" | "timeoutMs" | "retry" | "allowFailure" | "onLost" | "config"
>;

function code(node: CodeFile, defaults: Defaults): Own<CodeNodeSpec> {
  const permissions = node.permissions ?? node.capabilities;
  return {
    path: node.path ?? "",
    permissions: permissions === undefined ? undefined : normalizePermissions(permissions),
    isolation: node.isolation ?? "process",
    memoryBytes: bytesOr(node.memory, defaults.memoryBytes),
    container: node.container,
  };
}

function normalizePermissions({ net, read, write, secrets }: PermissionsFile): Permissions {
  return {
    net: list(net)?.map((host) => host.toLowerCase()),
    read: list(read),
    write: list(write),
    secrets: list(secrets),
  };
}

function container(node: ShellFile | ExecFile): Own<ContainerNodeSpec> {
  const { cpu, memory, pids } = node.limits ?? {};
  return {
    image: node.image,
    command: "run" in node
      ? { kind: "shell", script: node.run }
      : { kind: "exec", argv: list(node.command) ?? [] },
    env: node.env ?? {},
    workdir: node.workdir,
    user: node.user === undefined ? undefined : String(node.user),
    limits: {
      cpu: typeof cpu === "string" ? parseCpu(cpu) : cpu,
      memoryBytes: memory === undefined ? undefined : bytesOr(memory, 0),
      pids,
    },
    mounts: (node.mounts ?? []).flatMap((mount) =>
      mount?.name === undefined || mount.path === undefined
        ? []
        : [{ name: mount.name, path: mount.path, readOnly: mount.read_only ?? false }]
    ),
    driver: node.driver,
    pull: node.pull ?? "missing",
  };
}

function normalizeRetry({ retry, retries }: NodeFile, defaults: Defaults): RetryPolicy {
  const initialIntervalMs = durationOr(retry?.initial_interval, 100);
  return {
    maxAttempts: retry?.max_attempts ?? 1 + (retries ?? defaults.retries),
    initialIntervalMs,
    backoff: retry?.backoff ?? 2,
    // A first wait beyond the default cap lifts it: only a cap that was written may cut it.
    maxIntervalMs: durationOr(retry?.max_interval, Math.max(30_000, initialIntervalMs)),
    jitter: retry?.jitter ?? true,
  };
}

function mapped<From, To>(
  map: { readonly [key: string]: From } | undefined,
  change: (value: From) => To,
): { [key: string]: To } {
  return Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, change(value)]));
}

function list(value: string | readonly string[] | undefined): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  // A refused entry leaves a gap.
  return value?.filter((entry) => entry !== undefined);
}

function durationOr(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : parseDuration(text) ?? fallback;
}

function bytesOr(size: string | number | undefined, fallback: number): number {
  return size === undefined ? fallback : parseBytes(String(size)) ?? fallback;
}

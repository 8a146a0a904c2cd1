import type { CodeNodeSpec, NodeSpec, WorkflowSpec } from "../engine/spec/mod.ts";

/** What a workflow may do as a whole: all that its nodes may, and what the engine needs for them. */
export interface WorkflowRights {
  /** Hosts that its nodes reach, sorted; `any` as soon as one node may reach any. */
  readonly net: { readonly any: true } | { readonly hosts: readonly string[] };
  /** Whether code nodes run in processes of their own, which the engine starts. */
  readonly startsHosts: boolean;
  /** Sets of rights at most, each of which has hosts of its own. */
  readonly hostGroups: number;
  /** Whether a step needs a driver of containers, which an image does not bring. */
  readonly needsDriver: boolean;
  /** `host:port` of the queue's servers, sorted; the engine itself connects to them. */
  readonly queueHosts: readonly string[];
  /** Paths beyond the workflow folder that a node reads, as written. */
  readonly read: readonly string[];
  /** Paths that a node writes, as written. */
  readonly write: readonly string[];
  /** Secrets that nodes receive and triggers check with, sorted; `any` as soon as one node receives all. */
  readonly secrets: { readonly any: true } | { readonly names: readonly string[] };
  readonly nodes: readonly NodeRights[];
}

/** What one code node may do. */
export interface NodeRights {
  readonly id: string;
  readonly isolation: "process" | "none";
  readonly net: { readonly any: true } | { readonly hosts: readonly string[] };
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly secrets: { readonly any: true } | { readonly names: readonly string[] };
}

/** What a node without a `permissions:` block may write. */
const DEFAULT_WRITE = ["/tmp"];
const NATS_PORT = "4222";

/** Derives what a workflow may do from its spec. Equal specs give equal rights, in the same order. */
export function rightsOf(spec: WorkflowSpec): WorkflowRights {
  const nodes = spec.nodes.filter((node) => node.kind === "code").map(nodeRights)
    .sort((a, b) => a.id < b.id ? -1 : 1);
  const checked = spec.triggers.flatMap((trigger) =>
    trigger.type === "webhook" && trigger.secret !== undefined ? [trigger.secret] : []
  );
  const queueHosts = natsHosts(spec);
  const own = queueHosts.length > 0 ? [...checked, "nats"] : checked;
  const isAnySecret = nodes.some(({ secrets }) => "any" in secrets);
  return {
    net: nodes.some(({ net }) => "any" in net)
      ? { any: true }
      : { hosts: sorted(nodes.flatMap(({ net }) => "any" in net ? [] : net.hosts)) },
    startsHosts: nodes.some(({ isolation }) => isolation === "process"),
    hostGroups: new Set(spec.nodes.flatMap(hostGroup)).size,
    needsDriver: spec.nodes.some(needsDriver),
    queueHosts,
    read: sorted(nodes.flatMap(({ read }) => read)),
    write: sorted(nodes.flatMap(({ write }) => write)),
    secrets: isAnySecret ? { any: true } : {
      names: sorted([
        ...own,
        ...nodes.flatMap(({ secrets }) => "any" in secrets ? [] : secrets.names),
      ]),
    },
    nodes,
  };
}

function nodeRights(node: CodeNodeSpec): NodeRights {
  const { id, isolation, permissions } = node;
  if (permissions === undefined) {
    return {
      id,
      isolation,
      net: { any: true },
      read: [],
      write: DEFAULT_WRITE,
      secrets: { any: true },
    };
  }
  const hosts = permissions.net ?? [];
  return {
    id,
    isolation,
    net: hosts.includes("*") ? { any: true } : { hosts: sorted(hosts) },
    read: sorted(permissions.read ?? []),
    write: sorted(permissions.write ?? []),
    secrets: permissions.secrets === undefined
      ? { any: true }
      : { names: sorted(permissions.secrets) },
  };
}

/** Nodes with equal keys have equal rights, whatever secrets there are. */
function hostGroup(node: NodeSpec): string[] {
  if (node.kind !== "code" || node.isolation === "none") return [];
  const { net, read, write, secrets } = nodeRights(node);
  return [JSON.stringify([net, read, write, secrets, node.memoryBytes])];
}

function needsDriver(node: NodeSpec): boolean {
  return node.kind === "container" || node.kind === "code" && node.container !== undefined;
}

/** Servers of `config.nats_url`, when a trigger listens there. */
function natsHosts({ triggers, config }: WorkflowSpec): string[] {
  if (!triggers.some(({ type }) => type === "queue")) return [];
  const servers = (config.natsUrl ?? "").split(",").map((server) => server.trim());
  return sorted(servers.flatMap((server) => {
    if (server === "") return [];
    const url = URL.parse(/^[a-z]+:\/\//.test(server) ? server : `nats://${server}`);
    return url === null ? [] : [`${url.hostname}:${url.port || NATS_PORT}`];
  }));
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

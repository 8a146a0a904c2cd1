import type { WorkflowRights } from "../rights.ts";
import type { EgressRule, Metadata, NetworkPolicyManifest, Peer, PolicyPort } from "./manifest.ts";
import { selectorOf } from "./names.ts";
import { PORT } from "./service.ts";

/** What the policy depends on besides the rights of the workflow. */
export interface NetworkPolicyParts {
  readonly metadata: Metadata;
  /** Namespace of an ingress controller whose pods may come in. */
  readonly ingressNamespace: string | undefined;
}

/** The API server's service proxy comes from here where an agent in the cluster carries it. */
const SYSTEM_NAMESPACE = "kube-system";
const NAMESPACE = "kubernetes.io/metadata.name";
const DNS: EgressRule = { ports: [{ protocol: "UDP", port: 53 }, { protocol: "TCP", port: 53 }] };
const WEB_PORTS = [80, 443];

/**
 * Everywhere but where clouds hand out a machine's credentials. Some networks do not count pods among
 * addresses, so they are named apart.
 */
const ANYWHERE: readonly Peer[] = [
  { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
  { ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128", "fe80::/10"] } },
  { namespaceSelector: {} },
];

/**
 * Who may call the engine: its CronJobs and the API server's proxy. Where it may connect to: anywhere as
 * soon as one node may; else names are resolved, and what nodes and queues declare is reached. A policy knows
 * addresses and ports and no names: a declared name opens its port, and the node's own rights hold it to the name.
 */
export function networkPolicy(
  rights: WorkflowRights,
  { metadata, ingressNamespace }: NetworkPolicyParts,
): NetworkPolicyManifest {
  const { name } = metadata;
  const egress = "any" in rights.net ? undefined : egressRules(rights.net.hosts, rights.queueHosts);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata,
    spec: {
      podSelector: { matchLabels: selectorOf(name, "engine") },
      policyTypes: egress === undefined ? ["Ingress"] : ["Ingress", "Egress"],
      ingress: [{
        from: [
          { podSelector: { matchLabels: selectorOf(name, "cron") } },
          ...[SYSTEM_NAMESPACE, ...(ingressNamespace === undefined ? [] : [ingressNamespace])]
            .map((namespace) => ({
              namespaceSelector: { matchLabels: { [NAMESPACE]: namespace } },
            })),
        ],
        ports: [{ protocol: "TCP", port: PORT }],
      }],
      ...(egress === undefined ? {} : { egress }),
    },
  };
}

interface Endpoint {
  /** An address and its length; `undefined` for a name. */
  readonly cidr: string | undefined;
  readonly ports: readonly number[];
}

function egressRules(hosts: readonly string[], queueHosts: readonly string[]): EgressRule[] {
  const endpoints = [...hosts, ...queueHosts].map(endpointOf);
  const named = endpoints.filter(({ cidr }) => cidr === undefined);
  const addresses = [...new Set(endpoints.flatMap(({ cidr }) => cidr ?? []))].sort();
  return [
    ...(named.length === 0 ? [] : [DNS, { to: ANYWHERE, ports: portsOf(named) }]),
    ...addresses.map((cidr) => ({
      to: [{ ipBlock: { cidr } }],
      ports: portsOf(endpoints.filter((endpoint) => endpoint.cidr === cidr)),
    })),
  ];
}

function endpointOf(host: string): Endpoint {
  const [, name = host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  return { cidr: cidrOf(name), ports: port === undefined ? WEB_PORTS : [Number(port)] };
}

function cidrOf(host: string): string | undefined {
  if (host.startsWith("[")) return `${host.slice(1, -1)}/128`;
  return /^\d+(\.\d+){3}$/.test(host) ? `${host}/32` : undefined;
}

function portsOf(endpoints: readonly Endpoint[]): readonly PolicyPort[] {
  const ports = new Set(endpoints.flatMap((endpoint) => endpoint.ports));
  return [...ports].sort((a, b) => a - b).map((port) => ({ protocol: "TCP", port }));
}

import { CodedError } from "../../engine/errors/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import type { IngressManifest, Metadata } from "./manifest.ts";
import type { IngressOptions } from "./manifest_options.ts";
import { PORT_NAME } from "./service.ts";

/** All that is reached from outside: `/run` and the rest stay inside the cluster. */
const HOOKS = "/hooks/";

/**
 * Lets webhooks in from outside the cluster, over TLS with the certificate in `{name}-tls`.
 *
 * @throws {CodedError} `MANIFEST_INVALID` for a host that is none, or a workflow without webhooks
 */
export function ingress(
  spec: WorkflowSpec,
  metadata: Metadata,
  { host, className }: IngressOptions,
): IngressManifest {
  check(spec, host);
  const { name } = metadata;
  const service = { name, port: { name: PORT_NAME } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      tls: [{ hosts: [host], secretName: `${name}-tls` }],
      rules: [{
        host,
        http: { paths: [{ path: HOOKS, pathType: "Prefix", backend: { service } }] },
      }],
    },
  };
}

function check({ name, triggers }: WorkflowSpec, host: string): void {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(host)) {
    throw new CodedError(
      "MANIFEST_INVALID",
      `Cannot expose "${name}" as an ingress needs a host name: "${host}" is none`,
      { fix: "pd deploy --ingress hooks.example.com" },
    );
  }
  if (triggers.some(({ type }) => type === "webhook")) return;
  throw new CodedError(
    "MANIFEST_INVALID",
    `Cannot expose "${name}" as an ingress lets webhooks in: the workflow has none`,
    { fix: "workflow.yaml: triggers: [{ type: webhook, path: /my-hook }]" },
  );
}

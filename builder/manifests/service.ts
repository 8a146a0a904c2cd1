import type { Metadata, ServiceManifest } from "./manifest.ts";
import { selectorOf } from "./names.ts";

/** Where the engine listens, in the pod and behind its Service. */
export const PORT = 8080;
/** What that port is called. */
export const PORT_NAME = "http";

/** The address of a workflow inside the cluster. */
export function service(metadata: Metadata): ServiceManifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      selector: selectorOf(metadata.name, "engine"),
      ports: [{ name: PORT_NAME, port: PORT, targetPort: PORT_NAME, protocol: "TCP" }],
    },
  };
}

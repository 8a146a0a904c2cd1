import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import { rightsOf } from "../rights.ts";
import { contentHash } from "./content_hash.ts";
import { clusterCrons, cronJobs } from "./cron_jobs.ts";
import { deployment } from "./deployment.ts";
import { imageReference } from "./image_reference.ts";
import { ingress } from "./ingress.ts";
import type { Manifest, Metadata } from "./manifest.ts";
import { DEFAULT_RUNTIME_CLASS, type ManifestOptions } from "./manifest_options.ts";
import { checkNames, labelsOf, secretName } from "./names.ts";
import { networkPolicy } from "./network_policy.ts";
import { neededSecrets, secretData } from "./secret.ts";
import { service } from "./service.ts";

const DEFAULT_INGRESS_NAMESPACE = "ingress-nginx";

/**
 * Every object that a workflow is on a cluster, in the order in which they are best applied: what pods need
 * comes before them. Equal input
 * gives equal objects, their keys in the same order.
 *
 * @throws {CodedError} `MANIFEST_INVALID` for what a cluster would refuse: a name that is too long, a schedule
 * with seconds, an image that is no reference
 */
export function manifests(spec: WorkflowSpec, options: ManifestOptions): readonly Manifest[] {
  checkNames(spec, clusterCrons(spec).length);
  const { name } = spec;
  const rights = rightsOf(spec);
  const image = imageReference(options.image, options.imageDigest);
  const runtimeClass = options.runtimeClass ?? DEFAULT_RUNTIME_CLASS;
  const data = secretData(neededSecrets(options.secrets ?? {}, rights));
  const metadata: Metadata = {
    name,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    labels: labelsOf(name),
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false },
    ...(options.secrets === undefined ? [] : [{
      apiVersion: "v1" as const,
      kind: "Secret" as const,
      metadata: { ...metadata, name: secretName(name) },
      type: "Opaque" as const,
      data,
    }]),
    networkPolicy(rights, {
      metadata,
      ingressNamespace: options.ingress === undefined
        ? undefined
        : options.ingress.namespace ?? DEFAULT_INGRESS_NAMESPACE,
    }),
    service(metadata),
    deployment(spec, {
      metadata,
      image,
      contentHash: contentHash(name, [image, options.imageId ?? ""].join(" ").trim(), data),
      runtimeClass,
    }),
    ...cronJobs(spec, { metadata, image, runtimeClass }),
    ...(options.ingress === undefined ? [] : [ingress(spec, metadata, options.ingress)]),
  ];
}

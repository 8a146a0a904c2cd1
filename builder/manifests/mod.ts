/** What a workflow is on a cluster: typed objects, YAML and a kustomize base. Nothing here talks to one. */
export { CURL_IMAGE } from "./cron_jobs.ts";
export { kustomizeBase, writeKustomize } from "./kustomize.ts";
export type { BaseFile } from "./kustomize.ts";
export type {
  Container,
  CronJobManifest,
  DeploymentManifest,
  EgressRule,
  IngressManifest,
  Labels,
  Manifest,
  Metadata,
  NetworkPolicyManifest,
  Peer,
  PodSpec,
  PolicyPort,
  Probe,
  SecretManifest,
  ServiceAccountManifest,
  ServiceManifest,
  Volume,
} from "./manifest.ts";
export { DEFAULT_RUNTIME_CLASS } from "./manifest_options.ts";
export type { IngressOptions, ManifestOptions } from "./manifest_options.ts";
export { manifests } from "./manifests.ts";
export { manifestNotes } from "./manifest_notes.ts";
export { toYaml, withoutSecretValues } from "./to_yaml.ts";

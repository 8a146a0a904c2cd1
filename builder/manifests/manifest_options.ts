import type { Secrets } from "../../engine/context/mod.ts";

/** What manifests depend on besides the workflow. */
export interface ManifestOptions {
  /** As the cluster pulls it: `registry/name:tag`, `registry/name@sha256:…`, or both. */
  readonly image: string;
  /** `sha256:…` of the image, where known: it is then pulled by that, and the pods roll with it. */
  readonly imageDigest?: string;
  /** What the image holds, where its digest is not known: the pods roll when it changes behind the same tag. */
  readonly imageId?: string;
  /** Left out of the manifests when absent. */
  readonly namespace?: string;
  /** RuntimeClass of the pods, `gvisor` by default; `""` leaves it to the cluster. */
  readonly runtimeClass?: string;
  /** Values for the Secret. Without them there is none, and one in the cluster stays as it is. */
  readonly secrets?: Secrets;
  /** Lets webhooks in from outside the cluster. */
  readonly ingress?: IngressOptions;
}

/** How webhooks are reached from outside. */
export interface IngressOptions {
  readonly host: string;
  /** The cluster's default class when absent. */
  readonly className?: string;
  /** Namespace of the controller's pods, which the NetworkPolicy lets in. `ingress-nginx` by default. */
  readonly namespace?: string;
}

/** The RuntimeClass that pods get unless told otherwise. */
export const DEFAULT_RUNTIME_CLASS = "gvisor";

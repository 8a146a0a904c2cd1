import { PdError } from "../errors/mod.ts";

/** What can go wrong between us and a cluster. */
export type KubernetesErrorCode =
  /** No answer, or none in time. */
  | "KUBERNETES_UNAVAILABLE"
  /** The kubeconfig cannot be used. */
  | "KUBERNETES_CONFIG_INVALID"
  /** The cluster does not know who asks, or does not let them. */
  | "KUBERNETES_FORBIDDEN"
  /** The cluster answered a request with any other error. */
  | "KUBERNETES_REFUSED";

/** One of several things that an answer complains about (`meta/v1 StatusCause`). */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  /** Where in the object, such as `.spec.replicas`. */
  readonly field?: string;
}

/** An error of a cluster, or on the way to it. */
export class KubernetesError extends PdError {
  override readonly name = "KubernetesError";
  override readonly code: KubernetesErrorCode;
  /** Of the answer; undefined without one. */
  readonly status: number | undefined;
  /** As the API server words it, such as `AlreadyExists`. */
  readonly reason: string | undefined;
  /** The API server's own sentence. */
  readonly said: string;
  /** In detail, where the API server gives any. */
  readonly causes: readonly StatusCause[];

  constructor(
    code: KubernetesErrorCode,
    message: string,
    options: {
      readonly fix?: string;
      readonly cause?: unknown;
      readonly status?: number;
      readonly reason?: string | undefined;
      readonly said?: string;
      readonly causes?: readonly StatusCause[] | undefined;
    } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.reason = options.reason;
    this.said = options.said ?? message;
    this.causes = options.causes ?? [];
  }
}

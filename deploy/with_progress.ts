import { KubernetesError } from "../engine/kubernetes/mod.ts";

/** What was done before an error as part of it: nobody is to guess how far it came. Other errors stay as they are. */
export function withProgress(error: unknown, done: string): unknown {
  if (!(error instanceof KubernetesError)) return error;
  return new KubernetesError(error.code, `${error.message}; ${done}`, {
    ...error.fix === undefined ? {} : { fix: error.fix },
    ...error.status === undefined ? {} : { status: error.status },
    reason: error.reason,
    said: error.said,
    causes: error.causes,
    cause: error,
  });
}

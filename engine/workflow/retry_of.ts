import type { JsonObject } from "../json/mod.ts";
import type { StoredRun } from "../storage/mod.ts";

/** From which node a run is tried again, and by whom. */
export interface RetryOf {
  readonly from?: string | undefined;
  readonly user?: string | undefined;
}

/** The trigger of a run that is tried again. What a push has told of the run before is told again. */
export function retryOf({ runId, trigger, spec }: StoredRun, { from, user }: RetryOf): JsonObject {
  const { repository, commit, ref } = spec.revision === undefined ? {} : trigger as JsonObject;
  return {
    type: "retry",
    of: runId,
    ...from === undefined ? {} : { from },
    ...user === undefined ? {} : { user },
    ...repository === undefined || commit === undefined ? {} : { repository, commit },
    ...ref === undefined ? {} : { ref },
  };
}

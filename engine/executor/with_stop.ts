import type { Clock } from "../clock/mod.ts";
import type { RunAttempt } from "./attempt.ts";
import { CANCELLED } from "./node_run.ts";
import { KILL_GRACE_MS, SCRIPT_GRACE_MS } from "./node_runner.ts";

/** What a runner may take beyond `KILL_GRACE_MS` to kill a process and say so. */
const ABANDON_SLACK_MS = 400;

/**
 * Makes sure that an attempt which is told to stop ends: when its runner has not answered
 * `KILL_GRACE_MS` (`SCRIPT_GRACE_MS` for a script) and a little later, the attempt is abandoned and what comes of it is ignored. What
 * a stopped attempt fails with is the stop itself, so it counts as cancelled; work that it got done
 * all the same counts as done.
 */
export function withStop(run: RunAttempt, clock: Clock): RunAttempt {
  return (attempt) =>
    new Promise((resolve, reject) => {
      let disarm: (() => void) | undefined;
      attempt.onStop = () => {
        const isScript = attempt.call.node.spec.kind === "script";
        const graceMs = isScript ? SCRIPT_GRACE_MS : KILL_GRACE_MS;
        disarm = clock.after(graceMs + ABANDON_SLACK_MS, () => resolve(CANCELLED));
      };
      run(attempt).then((outcome) => {
        disarm?.();
        const isDone = !attempt.isStopped || outcome.status === "succeeded";
        resolve(isDone ? outcome : CANCELLED);
      }, (error) => {
        disarm?.();
        reject(error);
      });
    });
}

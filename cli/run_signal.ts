import { CodedError } from "../engine/errors/mod.ts";

/** A signal whose reason tells why the run ended: Ctrl-C. */
export function asCancel(interrupt: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const cancel = () =>
    controller.abort(
      new CodedError("RUN_CANCELLED", "Cannot finish the run as it was interrupted: Ctrl-C", {
        fix: "run it again",
      }),
    );
  if (interrupt.aborted) cancel();
  else interrupt.addEventListener("abort", cancel, { once: true });
  return controller.signal;
}

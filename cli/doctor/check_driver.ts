import { openDriver } from "../../engine/drivers/mod.ts";
import { PdError } from "../../engine/errors/mod.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import { currentOwner, dataDir } from "../../engine/storage/mod.ts";
import type { CheckEnv, Finding } from "./check.ts";

const PATIENCE_MS = 5_000;

/** Does what a driver needs answer? Asked the way that a run asks. */
export async function checkDriver(name: string, { env }: CheckEnv): Promise<Finding> {
  try {
    await using driver = await openDriver(name, {
      clock: systemClock,
      owner: currentOwner(),
      env,
      cwd: "/",
      dataDir: dataDir(env) ?? "/tmp/pipedreamer",
      onWarning: () => {},
    });
    await inTime(driver.ready());
    return { status: "ok", detail: SAID[name] ?? "answers" };
  } catch (error) {
    if (!(error instanceof PdError)) throw error;
    return {
      status: "warn",
      detail: `${error.message}; what needs no containers runs without it`,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    };
  }
}

const SAID: { readonly [name: string]: string | undefined } = {
  native: "runs programs of this machine, without isolation",
};

async function inTime(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = systemClock.after(
    PATIENCE_MS,
    () => reject(new PdError(`Cannot wait any longer as it did not answer: ${PATIENCE_MS} ms`)),
  );
  try {
    await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}

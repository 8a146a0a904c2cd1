import type { Capabilities } from "../capabilities.ts";
import type { DriverFixture } from "./driver_fixture.ts";
import { Trial } from "./trial.ts";

/** One thing that every driver does. The name of a test is `<driver> driver <does>`. */
export interface ConformanceCase {
  readonly does: string;
  /** Left out where the driver does not have it; the reason is in its `gaps`. */
  readonly needs?: keyof Capabilities;
  run(trial: Trial): Promise<void>;
}

/** Runs one case in a run of its own, and checks that nothing of that is left. */
export async function runCase(one: ConformanceCase, fixture: DriverFixture): Promise<void> {
  await using trial = new Trial(fixture);
  await one.run(trial);
}

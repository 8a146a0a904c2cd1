/** What every driver does, whatever it is made of: one suite, and the table of what each one lacks. */
import { ARCHIVE_CASES } from "./_archives.ts";
import { FILE_CASES } from "./_files.ts";
import { IDENTITY_CASES } from "./_identity.ts";
import { INPUT_CASES } from "./_input.ts";
import { LEFTOVER_CASES } from "./_leftovers.ts";
import { RESULT_CASES } from "./_results.ts";
import { SANDBOX_CASES } from "./_sandboxes.ts";
import { STOP_CASES } from "./_stops.ts";
import { VOLUME_CASES } from "./_volumes.ts";
import type { ConformanceCase } from "./conformance_case.ts";

export { type ConformanceCase, runCase } from "./conformance_case.ts";
export { conformanceTable, type DriverResults } from "./conformance_table.ts";
export type { DriverFixture, EngineOptions } from "./driver_fixture.ts";

/** Every case. One that needs a capability is left out where the driver does not declare it. */
export const DRIVER_CONFORMANCE: readonly ConformanceCase[] = [
  ...RESULT_CASES,
  ...INPUT_CASES,
  ...STOP_CASES,
  ...VOLUME_CASES,
  ...ARCHIVE_CASES,
  ...FILE_CASES,
  ...IDENTITY_CASES,
  ...SANDBOX_CASES,
  ...LEFTOVER_CASES,
];

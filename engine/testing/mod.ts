/** Tests of workflows: fixtures, prepared answers, recordings and replays, and the report on it all. */
export type { Difference, MatchMode } from "./difference.ts";
export { type FormatOptions, formatReport } from "./format_report.ts";
export { toJUnit } from "./junit.ts";
export { RECORDINGS_FOLDER } from "./load_recordings.ts";
export { type Recorder, recordTo } from "./record_to.ts";
export { type Replay, replayFrom } from "./replay_from.ts";
export { runFixtures, type RunFixturesOptions } from "./run_fixtures.ts";
export type { TextRedactor } from "./scrub.ts";
export type { FixtureFailure, FixtureResult, NodeCoverage, TestReport } from "./test_report.ts";

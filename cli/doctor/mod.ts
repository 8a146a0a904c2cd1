/** What pd needs of the machine, checked one by one. */
export type { Check, CheckEnv, Finding } from "./check.ts";
export { CHECKS } from "./checks.ts";
export { type CheckedFinding, runChecks } from "./run_checks.ts";

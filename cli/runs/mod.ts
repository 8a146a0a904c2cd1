/** Runs of a storage, as `pd runs` shows and changes them. */
export { type CancelRequest, cancelRuns } from "./cancel_runs.ts";
export { runCandidates } from "./candidates.ts";
export { type ListRequest, listRuns } from "./list_runs.ts";
export { type LogRequest, printLog } from "./print_log.ts";
export { type RemoveRequest, removeRuns } from "./remove_runs.ts";
export { type ResumeRequest, resumeTargets } from "./resume_runs.ts";
export { type RetryRequest, retryTarget } from "./retry_run.ts";
export { showOneRun, type ShowRequest } from "./show_run.ts";

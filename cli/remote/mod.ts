/** `pd run --server`: runs of a server, by its API. */
export { type RunRemoteRequest, runRemoteTarget } from "./run_remote_target.ts";

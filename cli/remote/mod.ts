/** `pd run --server`: runs of a server, by its API. */
export { ApiClient } from "./api_client.ts";
export { type RunRemoteRequest, runRemoteTarget } from "./run_remote_target.ts";

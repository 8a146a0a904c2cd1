/**
 * The entry of a node host: a process that holds exactly its nodes' rights. Only the engine starts it:
 * `deno run <flags> main.ts <socket> <token> <memoryBytes>`.
 */
// Loaded here, so that a node which imports "pipedreamer" gets these very classes without a right to read them.
import "../../mod.ts";
import { startGuard } from "./guard.ts";
import { Host } from "./host.ts";
import { closeStorage } from "./storage.ts";

const [socketPath, token, memoryBytes] = Deno.args;
if (socketPath === undefined || token === undefined || memoryBytes === undefined) {
  throw new Error("Cannot start a node host by hand: the engine starts it");
}
const channel = await Deno.connect({ transport: "unix", path: socketPath });
startGuard(Number(memoryBytes));
const socketDir = socketPath.slice(0, socketPath.lastIndexOf("/"));
for (const name of ["read", "write"] as const) {
  // Revoking a path takes away every grant above it too, such as that of all of /tmp.
  if (Deno.permissions.querySync({ name, path: socketDir }).state === "granted") continue;
  Deno.permissions.revokeSync({ name, path: socketPath });
}
closeStorage();
await new Host(channel, token).serve();

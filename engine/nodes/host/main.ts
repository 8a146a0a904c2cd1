/**
 * The entry of a node host: a process that holds exactly its nodes' rights. Only the engine starts it:
 * `deno run <flags> main.ts <socket> <token> <memoryBytes>`.
 */
// Loaded here, so that a node which imports "pipedreamer" gets these very classes without a right to read them.
import "../../mod.ts";
import { startGuard } from "./guard.ts";
import { Host } from "./host.ts";

const [socketPath, token, memoryBytes] = Deno.args;
if (socketPath === undefined || token === undefined || memoryBytes === undefined) {
  throw new Error("Cannot start a node host by hand: the engine starts it");
}
const channel = await Deno.connect({ transport: "unix", path: socketPath });
startGuard(Number(memoryBytes));
for (const name of ["read", "write"] as const) {
  Deno.permissions.revokeSync({ name, path: socketPath });
}
await new Host(channel, token).serve();

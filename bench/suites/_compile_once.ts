/** `NODES EDGES`: writes how many milliseconds the first compilation in a process takes. */
import { compile, randomWorkflow, seededRandom } from "../../engine/compiler/mod.ts";

const [nodes, edges] = Deno.args.map(Number);
const spec = randomWorkflow(nodes ?? 0, edges ?? 0, seededRandom(1));
const startedAt = performance.now();
const { dag } = compile(spec);
const tookMs = performance.now() - startedAt;
if (dag === undefined) throw new Error("The workflow of the benchmark does not compile");
await Deno.stdout.write(new TextEncoder().encode(String(tookMs)));

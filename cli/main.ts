import { runCli } from "./run_cli.ts";
import { systemIo } from "./system_io.ts";

Deno.exit(await runCli(Deno.args, systemIo({ exit: Deno.exit })));

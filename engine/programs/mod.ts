/** Programs that a driver runs, from its caller's side: their output on its way out, what stops them, and when. */
export { orAborted } from "./or_aborted.ts";
export { OutputPipe, type OutputPipeOptions } from "./output_pipe.ts";
export { runCommand, type RunCommandOptions, type RunningCommand } from "./run_command.ts";

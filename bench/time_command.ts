import { type Sample, summarize } from "./harness.ts";

/** How to run the command, and how often. */
export interface TimeCommandOptions {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  /** Runs before measuring begins; 2 when left out. */
  readonly warmUps?: number;
  /** Measured runs; 10 when left out. */
  readonly samples?: number;
}

/**
 * Wall milliseconds from spawning a command to its end, its output thrown away.
 *
 * @throws {Error} When it exits with anything but 0, with what it wrote to stderr.
 */
export async function timeCommand(
  argv: readonly [string, ...string[]],
  { cwd, env, warmUps = 2, samples = 10 }: TimeCommandOptions = {},
): Promise<Sample> {
  const [program, ...args] = argv;
  const command = new Deno.Command(program, {
    args,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env } }),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const times: number[] = [];
  for (let run = 0; run < warmUps + samples; run++) {
    const startedAt = performance.now();
    const { code, stderr } = await command.output();
    const tookMs = performance.now() - startedAt;
    if (code !== 0) {
      throw new Error(`${argv.join(" ")} exited with ${code}: ${new TextDecoder().decode(stderr)}`);
    }
    if (run >= warmUps) times.push(tookMs);
  }
  return summarize(times);
}

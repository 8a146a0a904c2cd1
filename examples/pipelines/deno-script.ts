import "pipedreamer";

/** Runs a script of the current directory, which may read that and nothing else: `pd run deno-script main.ts a b`. */
export async function pipeline(): Promise<void> {
  const [script, ...args] = pipelineContext.args;
  if (script === undefined) throw new Error("Which script? pd run deno-script main.ts");
  await runtime.run({
    name: script,
    image: "docker.io/denoland/deno:2.9.6",
    command: {
      path: "deno",
      args: ["run", "--no-prompt", "--allow-read=.", script, ...args],
    },
    limits: { memory: "512Mi" },
  });
}

import "pipedreamer";

/** Runs k6 with the arguments as they are: `pd run k6 run --vus=10 script.js`. */
export async function pipeline(): Promise<void> {
  await runtime.run({
    name: "k6",
    image: "docker.io/grafana/k6:1.3.0",
    command: { path: "k6", args: pipelineContext.args },
  });
}

import "pipedreamer";

/** Tests a Go module, and looks it over at the same time where asked to: `pd run gotest --lint ./...`. */
export async function pipeline(): Promise<void> {
  const isLinting = pipelineContext.args.includes("--lint");
  const args = pipelineContext.args.filter((arg) => arg !== "--lint");
  const [tests, lint] = await Promise.all([
    runtime.run({
      name: "test",
      image: "docker.io/library/golang:1.25",
      command: {
        path: "go",
        args: ["test", ...args.length > 0 ? args : ["./..."]],
      },
      timeout: "30m",
    }),
    isLinting
      ? runtime.run({
        name: "lint",
        image: "docker.io/golangci/golangci-lint:v2.5.0",
        command: { path: "golangci-lint", args: ["run"] },
        timeout: "10m",
      })
      : undefined,
  ]);
  // The first that failed says how it ends; without this it would be the last step.
  for (const result of [tests, lint]) {
    if (result !== undefined && result.code !== 0) throw result;
  }
}

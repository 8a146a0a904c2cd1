import "pipedreamer";

/** Commands that need no initialised folder. */
const PLAIN = [
  "",
  "init",
  "fmt",
  "version",
  "-help",
  "--help",
  "-version",
  "--version",
];

/** Runs terraform with the arguments as they are, and `terraform init` before it: `pd run terraform plan`. */
export async function pipeline(): Promise<void> {
  if (!PLAIN.includes(pipelineContext.args[0] ?? "")) {
    const init = await terraform("init", ["init", "-input=false"]);
    // A thrown result ends the pipeline with its exit code.
    if (init.code !== 0) throw init;
  }
  await terraform("terraform", pipelineContext.args);
}

function terraform(
  name: string,
  args: readonly string[],
): ReturnType<typeof runtime.run> {
  return runtime.run({
    name,
    image: "docker.io/hashicorp/terraform:1.13",
    command: { path: "terraform", args },
    env: { TF_IN_AUTOMATION: "1" },
  });
}

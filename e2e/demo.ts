/**
 * A guided tour: every command that it shows is run, in a folder of its own that is gone afterwards.
 * `deno task demo`. The exit code is 1 when a command failed.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** One stop of the tour. */
interface Stop {
  readonly says: string;
  /** As a user types it. `pd` is the launcher, `EXAMPLES` the examples of this project. */
  readonly command: string;
  /** Where it is typed: the tour's own folder, or the workflow that the tour makes. */
  readonly where: "tour" | "workflow";
}

const WORKFLOW = "hello-tour";

const STOPS: readonly Stop[] = [
  {
    says: "A workflow is a folder. This one is made from a template.",
    command: `pd init ${WORKFLOW} --template hello`,
    where: "tour",
  },
  {
    says: "It is described by one file, and each node is a function in a file of its own.",
    command: "cat workflow.yaml",
    where: "workflow",
  },
  {
    says: "Every problem in it would be reported at once, with its place and a fix.",
    command: "pd validate",
    where: "workflow",
  },
  {
    says: "Fixtures say what each node makes of an input.",
    command: "pd test",
    where: "workflow",
  },
  {
    says: "A run. Each node has a process with exactly its own rights.",
    command: "pd run .",
    where: "workflow",
  },
  {
    says: "A workflow that asks an API over HTTP, here answered from recordings.",
    command: "pd run EXAMPLES/hn-digest --replay",
    where: "tour",
  },
  {
    says: "The graph of a workflow: two fetches side by side, then one node that needs both.",
    command: "pd visualize EXAMPLES/pr-digest --format text",
    where: "tour",
  },
];

if (import.meta.main) Deno.exitCode = await tour();

async function tour(): Promise<number> {
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const folder = await Deno.makeTempDir({ prefix: "pd-tour-" });
  let failures = 0;
  try {
    for (const [index, { says, command, where }] of STOPS.entries()) {
      await write(`\n${index + 1}. ${says}\n\n$ ${command.replace("EXAMPLES", "examples")}\n`);
      const cwd = where === "tour" ? folder : `${folder}/${WORKFLOW}`;
      const startedAt = performance.now();
      const success = await type(command, cwd, { root, data: `${folder}/data` });
      const ms = Math.round(performance.now() - startedAt);
      await write(success ? `(${ms} ms)\n` : `(failed after ${ms} ms)\n`);
      if (!success) failures++;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  await write(
    failures === 0
      ? "\nThat was the tour. Make your own: ./pd init my-workflow. The pages are in docs/README.md.\n"
      : `\n${failures} of ${STOPS.length} commands failed.\n`,
  );
  return failures === 0 ? 0 : 1;
}

/** Runs one command line of plain words. The runtime of this process comes first on PATH. */
async function type(
  command: string,
  cwd: string,
  { root, data }: { readonly root: string; readonly data: string },
): Promise<boolean> {
  const [program = "", ...args] = command.replace("EXAMPLES", `${root}/examples`).split(" ");
  const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH") ?? ""}`;
  const child = new Deno.Command(program === "pd" ? `${root}/pd` : program, {
    args,
    cwd,
    env: { PATH: path, PD_DATA_DIR: data },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  return await child.spawn().status.then(({ success }) => success, () => false);
}

async function write(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

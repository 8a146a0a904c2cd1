import assert from "node:assert/strict";
import type { Cli } from "./cli.ts";
import { createCommand } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { completeWords } from "./complete_words.ts";
import { fakeIo } from "./fake_io.ts";
import { addGlobalFlags } from "./global_flags.ts";
import { runCli } from "./run_cli.ts";

const DOCS = new URL("../docs/commands/", import.meta.url);

async function completionsOf(words: readonly string[]): Promise<string[]> {
  const io = fakeIo();
  await completeWords(words, io);
  return io.written.stdout.split("\n").map((line) => line.split("\t")[0] ?? "");
}

Deno.test("every file in cli/commands has a line on the contents page", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(new URL("commands/", import.meta.url))) {
    if (name.endsWith(".ts") && !name.endsWith("_test.ts")) files.push(name.replace(/\.ts$/, ""));
  }
  assert.deepEqual(files.sort(), COMMANDS.map(({ name }) => name).sort());
});

/** Every verb, and those below others: `runs`, `runs list`, … */
const ALL: readonly CommandEntry[] = (await Promise.all(COMMANDS.map(async (entry) => {
  const { definition } = await entry.load();
  const below = definition.subcommands ?? [];
  return [entry, ...below.map((one) => ({ ...one, name: `${entry.name} ${one.name}` }))];
}))).flat();

for (const { name, summary, load } of ALL) {
  const words = name.split(" ");
  const [verb = ""] = words;
  Deno.test(`pd ${name} has the summary of the contents page, a usage and an example`, async (t) => {
    const { definition } = await load();
    assert.equal(definition.name, name);
    assert.equal(definition.summary, summary);
    assert.match(summary, /^[A-Z].*[^.]$/);
    for (const example of definition.examples) assert.ok(example.run.includes(`pd ${name}`));
    const io = fakeIo();
    assert.equal(await runCli([...words, "--help"], io), 0);
    assert.equal(io.written.stderr, "");
    assert.match(io.written.stdout, new RegExp(`^Usage: pd ${name} `));
    assert.match(io.written.stdout, /\nExamples:\n {2}\S/);
    await t.assertSnapshot(io.written.stdout);
  });

  Deno.test(`pd ${name} has a page that shows its examples and names each of its flags`, async () => {
    const { definition } = await load();
    const page = await Deno.readTextFile(new URL(`${verb}.md`, DOCS));
    assert.match(page, new RegExp(`^# pd ${verb}\n`));
    for (const { run } of definition.examples) assert.ok(page.includes(run), `"${run}" is shown`);
    for (const { long } of definition.build(createCommand(definition), {} as Cli).options) {
      if (long !== undefined && long !== null) assert.ok(page.includes(long), `${long} is named`);
    }
    const contents = await Deno.readTextFile(new URL("README.md", DOCS));
    assert.ok(contents.includes(`(${verb}.md)`));
  });

  Deno.test(`pd ${name} is completed, and so are all its flags`, async () => {
    const last = words.at(-1) ?? "";
    const begun = await completionsOf([...words.slice(0, -1), last.slice(0, 2)]);
    assert.ok(begun.includes(last));
    const { definition } = await load();
    const command = definition.build(createCommand(definition), {} as Cli);
    addGlobalFlags(command);
    const offered = await completionsOf([...words, "--"]);
    for (const { long } of command.options) assert.ok(offered.includes(long ?? ""), `${long}`);
    assert.ok(offered.includes("--help"));
  });

  Deno.test(`pd ${name} -o json answers wrong usage with one JSON document`, async () => {
    const io = fakeIo();
    assert.equal(await runCli([...words, "-o", "json", "--no-such-flag=1", "x", "y"], io), 2);
    assert.equal(io.written.stderr, "");
    const { error } = JSON.parse(io.written.stdout);
    assert.equal(error.code, "USAGE");
    assert.ok(error.fix.startsWith("pd "));
  });
}

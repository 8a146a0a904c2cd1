import assert from "node:assert/strict";
import { containerNode, Play } from "./_play.ts";
import type { FakePrograms } from "./_fake_driver.ts";

const PROGRAMS: FakePrograms = {
  list: async ({ dir, out }) => {
    const names = await Array.fromAsync(Deno.readDir(dir("/workspace")), ({ name }) => name);
    out(`${names.sort().join(" ")}\n`);
  },
  make: async ({ dir, command }) => {
    await Deno.writeTextFile(`${dir("/workspace")}/${command[1]}`, "x");
  },
  drop: async ({ dir, command }) => await Deno.remove(`${dir("/workspace")}/${command[1]}`),
};

function node(id: string, argv: readonly string[], driver?: string) {
  return containerNode("", { id, command: { kind: "exec", argv }, driver });
}

Deno.test("the workspace is filled once, with progress, and is the same for every step of the run", async () => {
  const source = await Deno.makeTempDir();
  await Deno.writeTextFile(`${source}/a.txt`, "aaa");
  await Deno.writeTextFile(`${source}/b.log`, "b");
  const progress: unknown[] = [];
  await using play = new Play({
    programs: PROGRAMS,
    settings: {
      workspace: { dir: source, include: [], ignore: ["*.log"] },
      onProgress: (each) => progress.push(each),
    },
  });
  const outcomes = await Promise.all([
    play.runNode(node("one", ["list"])),
    play.runNode(node("two", ["list"])),
  ]);
  assert.deepEqual(outcomes.map((each) => each.status === "succeeded" && each.output), [
    "a.txt",
    "a.txt",
  ]);
  await play.runNode(node("three", ["make", "c.txt"]));
  assert.deepEqual(await play.runNode(node("four", ["list"])), {
    status: "succeeded",
    output: "a.txt c.txt",
  });
  assert.equal(play.driver().done.filter((each) => each === "in workdir").length, 1);
  assert.deepEqual(progress.at(-1), { files: 1, bytes: 3, isDone: true });
  await play.runNode(node("one", ["make", "z"]), { runId: "run-2" });
  assert.deepEqual(
    await play.runNode(node("two", ["list"]), { runId: "run-2" }),
    { status: "succeeded", output: "a.txt z" },
    "another run has a workspace of its own",
  );
  await Deno.remove(source, { recursive: true });
});

Deno.test("a step on another driver gets what the steps before it left", async () => {
  await using play = new Play({ programs: PROGRAMS });
  await play.runNode(node("a", ["make", "one"], "docker"));
  await play.runNode(node("b", ["make", "two"], "native"));
  await play.runNode(node("c", ["drop", "one"], "native"));
  assert.deepEqual(await play.runNode(node("d", ["list"], "docker")), {
    status: "succeeded",
    output: "two",
  });
  assert.deepEqual(play.logs.map(({ message }) => message), [
    'The workspace is copied from driver "docker" to "native"',
    'The workspace is copied from driver "native" to "docker"',
    "two",
  ]);
  await play.containers.endRun("run-1");
  assert.deepEqual(play.driver("docker").done.at(-1), "end run-1");
  assert.deepEqual(play.driver("native").done.at(-1), "end run-1");
});

Deno.test("steps of two drivers do not use the workspace at the same time", async () => {
  const inside: string[] = [];
  const seen: string[][] = [];
  const enter = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  await using play = new Play({
    programs: {
      work: async ({ command }) => {
        inside.push(command[1] ?? "");
        seen.push([...inside]);
        if (inside.length === 2) enter.resolve();
        if (command[1] !== "n") await leave.promise;
        inside.splice(inside.indexOf(command[1] ?? ""), 1);
      },
    },
  });
  const a = play.runNode(node("a", ["work", "d1"], "docker"));
  const b = play.runNode(node("b", ["work", "d2"], "docker"));
  await enter.promise;
  const c = play.runNode(node("c", ["work", "n"], "native"));
  await play.clock.advance(0);
  assert.deepEqual(inside.toSorted(), ["d1", "d2"]);
  leave.resolve();
  await Promise.all([a, b, c]);
  assert.deepEqual(seen.at(-1), ["n"]);
});

Deno.test("a driver that cannot share volumes refuses a second step beside the first", async () => {
  const started = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  await using play = new Play({
    capabilities: { sharedVolumes: false },
    programs: {
      work: async () => {
        started.resolve();
        await end.promise;
      },
    },
  });
  const first = play.runNode(node("a", ["work"]));
  await started.promise;
  const second = await play.runNode(node("b", ["work"]));
  assert(second.status === "failed");
  assert.equal(second.error.code, "NOT_SUPPORTED");
  assert.match(second.error.message, /"docker" lacks the capability "sharedVolumes"/);
  end.resolve();
  assert.equal((await first).status, "succeeded");
  assert.equal((await play.runNode(node("c", ["work"]))).status, "succeeded");
});

Deno.test("a run that was taken up again says that its workspace begins anew", async () => {
  await using play = new Play({ programs: PROGRAMS });
  await play.runNode(node("a", ["make", "one"]), { isResumed: true });
  await play.runNode(node("b", ["make", "two"]), { isResumed: true });
  const warnings = play.logs.filter(({ level }) => level === "warn");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]?.message ?? "", /begins from its source again/);
});

Deno.test("a workspace that cannot be filled fails the step, and the next one tries again", async () => {
  const source = await Deno.makeTempDir();
  await Deno.remove(source);
  await using play = new Play({
    programs: PROGRAMS,
    settings: { workspace: { dir: source, include: [], ignore: [] } },
  });
  const outcome = await play.runNode(node("a", ["list"]));
  assert.equal(outcome.status, "failed");
  await Deno.mkdir(source);
  await Deno.writeTextFile(`${source}/now`, "");
  assert.deepEqual(await play.runNode(node("a", ["list"])), { status: "succeeded", output: "now" });
  await Deno.remove(source, { recursive: true });
});

Deno.test("the volume named output comes back when the run is over", async () => {
  const target = await Deno.makeTempDir();
  await using play = new Play({
    settings: { outputDir: `${target}/made/for/it` },
    programs: {
      write: async ({ dir }) => await Deno.writeTextFile(`${dir("/out")}/report.txt`, "done"),
    },
  });
  await play.runNode(
    containerNode("write", { mounts: [{ name: "output", path: "/out", readOnly: false }] }),
  );
  await play.containers.endRun("run-1");
  assert.equal(await Deno.readTextFile(`${target}/made/for/it/report.txt`), "done");
  assert.deepEqual(play.driver().volumes, []);
  await Deno.remove(target, { recursive: true });
});

async function folderWith(...names: readonly string[]): Promise<string> {
  const dir = await Deno.makeTempDir();
  for (const name of names) await Deno.writeTextFile(`${dir}/${name}`, "");
  return dir;
}

Deno.test("a run that is taken up from another folder begins with what it began with before", async () => {
  const [first, second, dataDir] = [
    await folderWith("first", "a.log"),
    await folderWith("second"),
    await folderWith(),
  ];
  async function list(dir: string | undefined, run: { runId: string; isResumed?: true }) {
    await using play = new Play({
      programs: PROGRAMS,
      settings: {
        dataDir,
        workspace: dir === undefined ? undefined : { dir, include: [], ignore: ["*.log"] },
      },
    });
    const outcome = await play.runNode(node("a", ["list"]), run);
    return {
      files: outcome.status === "succeeded" ? outcome.output : outcome,
      warnings: [...play.warnings],
    };
  }
  assert.equal((await list(first, { runId: "../run-1" })).files, "first");
  assert.deepEqual(await list(second, { runId: "../run-1", isResumed: true }), {
    files: "first",
    warnings: [],
  });
  await list(undefined, { runId: "run-2" });
  assert.equal((await list(second, { runId: "run-2", isResumed: true })).files, "");
  const unknown = await list(second, { runId: "run-3", isResumed: true });
  assert.equal(unknown.files, "second");
  assert.match(
    unknown.warnings[0] ?? "",
    /^The workspace is filled from ".*": what run run-3 began with is not known/,
  );
  for (const dir of [first, second, dataDir]) await Deno.remove(dir, { recursive: true });
});

Deno.test("an output that cannot come back is told as that, and the run is removed all the same", async () => {
  const target = await Deno.makeTempDir();
  await Deno.symlink("/tmp", `${target}/way`);
  await using play = new Play({
    settings: { outputDir: target },
    programs: {
      write: async ({ dir }) => {
        await Deno.mkdir(`${dir("/out")}/way`);
        await Deno.writeTextFile(`${dir("/out")}/way/file`, "");
      },
    },
  });
  await play.runNode(
    containerNode("write", { mounts: [{ name: "output", path: "/out", readOnly: false }] }),
  );
  await play.containers.endRun("run-1");
  assert.match(
    play.warnings[0] ?? "",
    /^The volume "output" of run run-1 is not, or not all, in .*"way" is a link$/,
  );
  assert.deepEqual(play.driver().volumes, []);
  await Deno.remove(target, { recursive: true });
});

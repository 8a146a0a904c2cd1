import assert from "node:assert/strict";
import { systemClock } from "../clock/mod.ts";
import { withPlay } from "./_play.ts";
import { DEFAULT_MIRROR_LIMITS, Mirror } from "./mirror.ts";

Deno.test("a tree of few objects that lists a million files is refused, and not gathered in memory", async () => {
  await withPlay(async ({ dir, origin, git, commit }) => {
    await commit({ "f0": "x\n" });
    const blob = await git("rev-parse", "HEAD:f0");
    let tree = await makeTree(origin, (at) => `100644 blob ${blob}\tf${at}`);
    for (let depth = 0; depth < 5; depth++) {
      const below = tree;
      tree = await makeTree(origin, (at) => `040000 tree ${below}\td${at}`);
    }
    const bomb = await git("commit-tree", "-m", "a bomb", tree);
    await git("update-ref", "refs/heads/bomb", bomb);
    const mirror = new Mirror({
      dir: `${dir}/mirror.git`,
      url: origin,
      clock: systemClock,
      env: (name) => Deno.env.get(name),
      limits: DEFAULT_MIRROR_LIMITS,
    });
    await mirror.resolve({ ref: "refs/heads/bomb" });
    await Deno.mkdir(`${dir}/out`);
    await assert.rejects(mirror.checkOut(bomb, `${dir}/out`), { code: "CHECKOUT_TOO_LARGE" });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${dir}/out`)), []);
    // Few objects come as a pack too: only packs are measured.
    const packs = await Array.fromAsync(Deno.readDir(`${dir}/mirror.git/objects/pack`));
    assert.ok(packs.some(({ name }) => name.endsWith(".pack")));
  });
});

Deno.test("what a git that was killed has left keeps no later fetch from its work", async () => {
  await withPlay(async ({ dir, origin, commit }) => {
    const mirror = new Mirror({
      dir: `${dir}/mirror.git`,
      url: origin,
      clock: systemClock,
      env: (name) => Deno.env.get(name),
      limits: DEFAULT_MIRROR_LIMITS,
    });
    await commit({ "a": "1\n" });
    await mirror.resolve({ ref: "refs/heads/main" });
    const left = ["refs/heads/main.lock", "packed-refs.lock", "objects/pack/tmp_pack_x", "index-1"];
    for (const path of left) await Deno.writeTextFile(`${dir}/mirror.git/${path}`, "");
    const second = await commit({ "a": "2\n" });
    assert.equal(await mirror.resolve({ ref: "refs/heads/main" }), second);
    for (const path of left) {
      await assert.rejects(Deno.stat(`${dir}/mirror.git/${path}`), Deno.errors.NotFound);
    }
  });
});

async function makeTree(cwd: string, line: (at: number) => string): Promise<string> {
  const child = new Deno.Command("git", {
    args: ["mktree"],
    cwd,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = Array.from({ length: 10 }, (_, at) => `${line(at)}\n`).join("");
  const [{ stdout }] = await Promise.all([
    child.output(),
    new Response(lines).body?.pipeTo(child.stdin),
  ]);
  return new TextDecoder().decode(stdout).trim();
}

import assert from "node:assert/strict";
import { makeSocketDir, socketBase, sweepSocketDirs } from "./socket_dir.ts";

Deno.test("sweepSocketDirs() removes what a killed engine left, and nothing else", async () => {
  const tempDir = await Deno.makeTempDir();
  const ended = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await ended.status;
  await Deno.mkdir(`${tempDir}/pd-${ended.pid}-dead`);
  await Deno.writeTextFile(`${tempDir}/pd-${ended.pid}-dead/deno.json`, "{}");
  await Deno.mkdir(`${tempDir}/pd-${Deno.pid}-alive`);
  await Deno.mkdir(`${tempDir}/pd-other`);
  await sweepSocketDirs(tempDir);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(tempDir), (entry) => entry.name)).sort(), [
    `pd-${Deno.pid}-alive`,
    "pd-other",
  ]);
  await Deno.remove(tempDir, { recursive: true });
});

Deno.test("the folder of the sockets is closed to everybody else", async () => {
  const dir = await makeSocketDir("/tmp");
  assert.equal(((await Deno.stat(dir)).mode ?? 0) & 0o777, 0o700);
  await Deno.remove(dir);
});

Deno.test("the folder of the sockets lies where no node reaches, when there is such a place", async () => {
  const dir = await Deno.makeTempDir();
  function base(reached: string[], env: Record<string, string>): Promise<string> {
    return socketBase(reached, (name) => ({ TMPDIR: `${dir}/tmp`, ...env })[name]);
  }
  try {
    const [tmp, home] = [`${dir}/tmp`, { HOME: `${dir}/home` }];
    assert.equal(await base(["/w", `${tmp}/out`], home), tmp);
    assert.equal(await base([`${tmp}/`], home), `${dir}/home/.cache/pipedreamer`);
    assert.equal(await base([tmp], { ...home, XDG_RUNTIME_DIR: `${dir}/run` }), `${dir}/run`);
    assert.equal(await base([dir], home), tmp);
    assert.equal(await base([tmp], {}), tmp);
    assert.equal(await base([tmp], { HOME: "/dev/null" }), tmp);
    assert.equal(await base([tmp], { HOME: `${dir}/${"long".repeat(25)}` }), tmp);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

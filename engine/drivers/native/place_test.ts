import assert from "node:assert/strict";
import { systemClock } from "../../clock/mod.ts";
import type { Mount, SandboxSpec } from "../driver.ts";
import { hostPath, makePlace } from "./place.ts";
import { Volumes } from "./volumes.ts";

const RUN = "run-1";

interface Room {
  readonly volumes: Volumes;
  spec(part?: Partial<SandboxSpec>): SandboxSpec & { readonly id: string };
  mount(name: string, path: string): Promise<Mount>;
  make(part?: Partial<SandboxSpec>): ReturnType<typeof makePlace>;
}

function test(name: string, work: (room: Room) => Promise<void>): void {
  Deno.test(name, async () => {
    const dataDir = await Deno.makeTempDir();
    const volumes = new Volumes({
      clock: systemClock,
      owner: { id: "o", host: "h", pid: 1, startedAt: 0 },
      env: () => undefined,
      cwd: "/",
      dataDir,
      onWarning() {},
    });
    const spec: Room["spec"] = (part = {}) => ({
      runId: RUN,
      id: "0-step",
      name: "step",
      image: undefined,
      pull: "missing",
      env: {},
      workDir: undefined,
      user: undefined,
      mounts: [],
      limits: {},
      privileged: false,
      ...part,
    });
    try {
      await work({
        volumes,
        spec,
        mount: async (name, path) => ({
          volume: await volumes.create(RUN, name),
          path,
          readOnly: false,
        }),
        make: (part) => makePlace(spec(part), { volumes, env: () => "/usr/bin" }),
      });
    } finally {
      await volumes[Symbol.asyncDispose]();
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

const PATHS: readonly (readonly [path: string, want: string | undefined])[] = [
  ["sub", "/files/sub"],
  ["./sub/", "/files/sub"],
  ["a/../b", "/files/b"],
  [".", "/files"],
  ["", "/files"],
  ["/workspace", "/files"],
  ["/workspace/", "/files"],
  ["/workspace/a/b", "/files/a/b"],
  ["/workspace/../etc", "/etc"],
  ["/workspaces", "/workspaces"],
  ["/etc//ssl/", "/etc/ssl"],
  ["..", undefined],
  ["a/../../b", undefined],
];

for (const [path, want] of PATHS) {
  Deno.test(`hostPath() of ${JSON.stringify(path)} is ${want ?? "refused"}`, () => {
    if (want !== undefined) return assert.equal(hostPath(path, "/files"), want);
    assert.throws(() => hostPath(path, "/files"), { code: "TASK_INVALID" });
  });
}

test("makePlace() starts in the workspace and names every mount by a variable", async (room) => {
  const workspace = await room.mount("workdir", "/workspace");
  const cache = await room.mount("go-cache", "/go");
  const place = await room.make({ mounts: [workspace, cache], env: { A: "1", LANG: "de" } });
  assert.equal(place.root, workspace.volume.hostPath);
  assert.deepEqual(
    { ...place.env, HOME: "", TMPDIR: "", PD_TASK: "" },
    {
      PATH: "/usr/bin",
      HOME: "",
      TMPDIR: "",
      LANG: "de",
      A: "1",
      PD_MOUNT_GO_CACHE: cache.volume.hostPath,
      PD_WORKSPACE: workspace.volume.hostPath,
      PD_TASK: "",
    },
  );
  await place.release();
});

test("makePlace() has a symlink in the workspace while at least one place needs it", async (room) => {
  const workspace = await room.mount("workdir", "/workspace");
  const vendor = await room.mount("vendor", "/workspace/lib/vendor/");
  const mounts = [workspace, vendor];
  const link = `${workspace.volume.hostPath}/lib/vendor`;
  const [one, two] = [await room.make({ mounts }), await room.make({ mounts, id: "1-step" })];
  assert.equal(await Deno.readLink(link), vendor.volume.hostPath);
  await one.release();
  assert.equal(await Deno.readLink(link), vendor.volume.hostPath);
  await two.release();
  await assert.rejects(Deno.lstat(link), Deno.errors.NotFound);
});

test("makePlace() mounts over an empty folder, and never over something", async (room) => {
  const workspace = await room.mount("workdir", "/workspace");
  const mounts = [workspace, await room.mount("data", "/workspace/data")];
  const folder = `${workspace.volume.hostPath}/data`;
  await Deno.mkdir(folder);
  await (await room.make({ mounts })).release();
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/file`, "kept");
  await assert.rejects(room.make({ mounts }), { code: "TASK_INVALID" });
  assert.equal(await Deno.readTextFile(`${folder}/file`), "kept");
});

test("makePlace() never makes a mount through a symlink of the workspace", async (room) => {
  const workspace = await room.mount("workdir", "/workspace");
  const outside = await Deno.makeTempDir();
  try {
    await Deno.symlink(outside, `${workspace.volume.hostPath}/way`);
    const mounts = [workspace, await room.mount("data", "/workspace/way/data")];
    await assert.rejects(room.make({ mounts }), { code: "TASK_INVALID" });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(outside)), []);
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

const REFUSED: readonly (readonly [
  what: string,
  code: string,
  part: (room: Room) => Promise<Partial<SandboxSpec>>,
])[] = [
  ["limits", "NOT_SUPPORTED", () => Promise.resolve({ limits: { cpu: 1 } })],
  ["privileged", "NOT_SUPPORTED", () => Promise.resolve({ privileged: true })],
  ["a read-only mount", "NOT_SUPPORTED", async (room) => ({
    mounts: [{ ...await room.mount("data", "/data"), readOnly: true }],
  })],
  ["a relative mount", "TASK_INVALID", async (room) => ({
    mounts: [await room.mount("data", "data")],
  })],
  ["a mount with ..", "TASK_INVALID", async (room) => ({
    mounts: [await room.mount("data", "/workspace/../data")],
  })],
  ["two volumes of one variable", "TASK_INVALID", async (room) => ({
    mounts: [await room.mount("a-b", "/one"), await room.mount("a_b", "/two")],
  })],
  ["a volume of somebody else", "TASK_INVALID", () =>
    Promise.resolve({
      mounts: [{
        volume: { id: "/etc", runId: RUN, name: "etc", hostPath: "/etc" },
        path: "/data",
        readOnly: false,
      }],
    })],
  ["a user that is not there", "TASK_INVALID", () => Promise.resolve({ user: "no-such-user" })],
];

for (const [what, code, part] of REFUSED) {
  test(`makePlace() refuses ${what}`, async (room) => {
    // Who may not switch users at all is told so, whatever the user.
    const want = what.startsWith("a user") ? /TASK_INVALID|NOT_SUPPORTED/ : new RegExp(code);
    await assert.rejects(
      room.make(await part(room)),
      (error) => want.test(String(Reflect.get(Object(error), "code"))),
    );
  });
}

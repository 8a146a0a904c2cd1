import assert from "node:assert/strict";
import { ensurePackage, type Machine } from "./packages.ts";

/** A machine on which `installable` appears once apt-get has installed it. */
function fakeMachine(changes: Partial<Machine> = {}): Machine & { readonly ran: string[] } {
  const there = new Set(["apt-get"]);
  const ran: string[] = [];
  let noted = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    ran,
    isRoot: true,
    now: () => 1_700_000_000_000,
    find: (command) => Promise.resolve(there.has(command) ? `/usr/bin/${command}` : undefined),
    run(command, args) {
      ran.push([command, ...args].join(" "));
      if (args[0] === "install") there.add("nats-server");
      return Promise.resolve({ success: true, output: "" });
    },
    locked(body) {
      const note = {
        read: () => Promise.resolve(noted),
        write(value: number) {
          noted = value;
          return Promise.resolve();
        },
      };
      const mine = last.then(() => body(note));
      last = mine.catch(() => {});
      return mine;
    },
    ...changes,
  };
}

Deno.test("ensurePackage() leaves the machine alone when the program is there", async () => {
  const machine = fakeMachine();
  const state = await ensurePackage("apt-get", "apt", machine);
  assert.deepEqual(state, { status: "ready", path: "/usr/bin/apt-get" });
  assert.deepEqual(machine.ran, []);
});

Deno.test("ensurePackage() installs once when two suites ask at the same time", async () => {
  const machine = fakeMachine();
  const states = await Promise.all([
    ensurePackage("nats-server", "nats-server", machine),
    ensurePackage("nats-server", "nats-server", machine),
  ]);
  assert.deepEqual(states.map(({ status }) => status), ["ready", "ready"]);
  assert.deepEqual(machine.ran, [
    "/usr/bin/apt-get update -qq",
    "/usr/bin/apt-get install -y -qq --no-install-recommends nats-server",
  ]);
});

Deno.test("ensurePackage() fetches the package lists once for several packages", async () => {
  const machine = fakeMachine();
  await ensurePackage("podman", "podman", machine);
  await ensurePackage("nats-server", "nats-server", machine);
  assert.equal(machine.ran.filter((line) => line.includes(" update ")).length, 1);
});

Deno.test("ensurePackage() fetches the package lists again when they lead nowhere", async () => {
  const machine = fakeMachine();
  await ensurePackage("podman", "podman", machine);
  machine.ran.length = 0;
  const run: Machine["run"] = async (command, args) => {
    const isFirst = machine.ran.length === 0;
    const outcome = await machine.run(command, args);
    return isFirst ? { success: false, output: "E: 404" } : outcome;
  };
  const state = await ensurePackage("nats-server-2", "nats-server-2", { ...machine, run });
  assert.deepEqual(machine.ran.map((line) => line.split(" ")[1]), ["install", "update", "install"]);
  assert.equal(state.status, "missing");
});

Deno.test("ensurePackage() names the package to somebody who is not root", async () => {
  const state = await ensurePackage("chromium", "chromium", fakeMachine({ isRoot: false }));
  assert.equal(state.status, "missing");
  assert.match(state.reason, /Debian package chromium.*sudo apt-get install chromium/);
});

Deno.test("ensurePackage() hands on what apt-get said when it fails", async () => {
  const run: Machine["run"] = () => Promise.resolve({ success: false, output: "E: no network\n" });
  const state = await ensurePackage("chromium", "chromium", fakeMachine({ run }));
  assert.equal(state.status, "missing");
  assert.match(state.reason, /apt-get update failed: E: no network/);
});

Deno.test("ensurePackage() says so when the package does not hold the program", async () => {
  const state = await ensurePackage("other", "nats-server", fakeMachine());
  assert.equal(state.status, "missing");
  assert.match(state.reason, /nats-server holds no program of that name/);
});

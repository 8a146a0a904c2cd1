import assert from "node:assert/strict";
import { systemClock } from "../clock/mod.ts";
import { currentOwner } from "../storage/mod.ts";
import { DRIVER_NAMES, DRIVERS } from "./catalog.ts";
import { openDriver } from "./open_driver.ts";
import type { OpenDriverOptions } from "./open_options.ts";

function options(dataDir: string, part: Partial<OpenDriverOptions> = {}): OpenDriverOptions {
  return {
    clock: systemClock,
    owner: currentOwner(),
    env: () => undefined,
    cwd: dataDir,
    dataDir,
    onWarning: (message) => assert.fail(message),
    ...part,
  };
}

Deno.test("openDriver() opens every driver of the catalogue without asking anything of it", async () => {
  for (const { name, examples } of DRIVERS) {
    // A cluster's address is read when the driver is opened.
    if (name === "kubernetes") continue;
    for (const example of examples) {
      await using driver = await openDriver(example, options("/nonexistent"));
      assert.ok(DRIVER_NAMES.includes(driver.name), driver.name);
    }
  }
});

Deno.test("openDriver() gives a reason for each capability that a driver lacks", async () => {
  for (const name of ["native", "docker"]) {
    await using driver = await openDriver(name, options("/nonexistent"));
    for (const [capability, has] of Object.entries(driver.capabilities)) {
      if (has) continue;
      assert.ok(Reflect.get(driver.gaps, capability), `${name}: ${capability}`);
    }
  }
});

Deno.test("openDriver() removes what a dead engine left behind, while it is used", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const left = `${dataDir}/volumes/left`;
    await Deno.mkdir(`${left}/run-1/workdir`, { recursive: true });
    const dead = { ...currentOwner(), id: "dead" };
    await Deno.writeTextFile(`${left}/owner.json`, JSON.stringify(dead));
    const isOwnerAlive = ({ id }: { readonly id: string }) => Promise.resolve(id !== "dead");
    const driver = await openDriver("native", options(dataDir, { isOwnerAlive }));
    await driver[Symbol.asyncDispose]();
    await assert.rejects(Deno.lstat(left), Deno.errors.NotFound);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("openDriver() warns of a sweep that fails, and gives the driver all the same", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${dataDir}/volumes/left`, { recursive: true });
    await Deno.writeTextFile(`${dataDir}/volumes/left/owner.json`, "{}");
    const warnings: string[] = [];
    const driver = await openDriver(
      "native",
      options(dataDir, {
        isOwnerAlive: () => Promise.reject(new Error("no answer")),
        onWarning: (message) => warnings.push(message),
      }),
    );
    await driver[Symbol.asyncDispose]();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /earlier runs .*"native" was not removed: no answer/);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("openDriver() refuses a parameter or a target that the driver does not have", async () => {
  const invalid = { code: "DRIVER_INVALID" };
  await assert.rejects(openDriver("native?x=1", options("/nonexistent")), invalid);
  await assert.rejects(openDriver("native://host", options("/nonexistent")), invalid);
  await assert.rejects(openDriver("dockr", options("/nonexistent")), invalid);
});

Deno.test("openDriver() keeps volumes in the store of its cache parameter", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    for (const want of ["", "kept"]) {
      await using driver = await openDriver("native?cache=local://./store", options(dataDir));
      const volume = await driver.createVolume({ runId: crypto.randomUUID(), name: "modules" });
      const file = `${volume.hostPath}/file`;
      assert.equal(await Deno.readTextFile(file).catch(() => ""), want);
      await Deno.writeTextFile(file, "kept");
      await driver.endRun(volume.runId);
    }
    await assert.rejects(
      openDriver("native?cache=nowhere://x", options(dataDir)),
      { code: "CACHE_INVALID" },
    );
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

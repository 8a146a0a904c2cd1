import assert from "node:assert/strict";
import { askHelper } from "./credential_helper.ts";

/** Puts a credential helper on PATH for the time of `use`. */
async function withHelper(script: string, use: () => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = Deno.env.get("PATH") ?? "";
  const file = `${dir}/docker-credential-pdtest`;
  await Deno.writeTextFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  Deno.env.set("PATH", `${dir}:${path}`);
  try {
    await use();
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("askHelper() hands the registry to the helper and takes what it answers", async () => {
  const script = `[ "$1" = get ] && printf '{"Username":"%s","Secret":"pw"}' "$(cat)"`;
  await withHelper(script, async () => {
    const found = await askHelper("pdtest", "box.example");
    assert.deepEqual(found, { username: "box.example", password: "pw" });
  });
});

Deno.test("askHelper() tells what is not known from what failed, without what the helper wrote", async () => {
  await withHelper("echo credentials not found in native keychain; exit 1", async () => {
    assert.equal(await askHelper("pdtest", "box.example"), undefined);
  });
  for (const script of ["echo hunter2; exit 1", "echo hunter2"]) {
    await withHelper(script, async () => {
      await assert.rejects(askHelper("pdtest", "box.example"), (error: Error) => {
        return error.cause === undefined && !error.message.includes("hunter2");
      });
    });
  }
});

Deno.test("askHelper() runs no program by a path, and says that a helper is not there", async () => {
  await assert.rejects(
    askHelper("../../bin/true", "box.example"),
    /is no name of a credential helper/,
  );
  await assert.rejects(askHelper("pd-no-such", "box.example"));
});

import assert from "node:assert/strict";
import { ensurePackage } from "./packages.ts";

const SCRIPT = new URL("../deploy/gvisor/install.sh", import.meta.url).pathname;
const FILES = ["runsc", "containerd-shim-runsc-v1"];
const shellcheck = await ensurePackage("shellcheck", "shellcheck");

interface Outcome {
  readonly code: number;
  readonly stderr: string;
}

/** Runs the script on a machine that lies in a folder, with programs that come from another one. */
async function withMachine(
  body: (machine: { root: string; archive: string; run(): Promise<Outcome> }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const [root, archive] = [`${dir}/root`, `${dir}/archive`];
  try {
    await Deno.mkdir(root);
    await Deno.mkdir(archive);
    for (const file of FILES) {
      const bytes = new TextEncoder().encode(`#!/bin/sh\necho ${file}\n`);
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)).toHex();
      await Deno.writeFile(`${archive}/${file}`, bytes);
      await Deno.writeTextFile(`${archive}/${file}.sha512`, `${sum}  ${file}\n`);
    }
    await body({
      root,
      archive,
      run: async () => {
        const { code, stderr } = await new Deno.Command("sh", {
          args: [SCRIPT],
          env: { ROOT: root, ARCHIVE: archive },
        }).output();
        return { code, stderr: new TextDecoder().decode(stderr) };
      },
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

Deno.test({
  name: "install.sh gives shellcheck nothing to say",
  ignore: shellcheck.status === "missing",
  async fn() {
    const { stdout } = await new Deno.Command("shellcheck", { args: [SCRIPT] }).output();
    assert.equal(new TextDecoder().decode(stdout), "");
  },
});

for (
  const [version, plugin] of [["2", "io.containerd.grpc.v1.cri"], [
    "3",
    "io.containerd.cri.v1.runtime",
  ]]
) {
  Deno.test(`install.sh tells a containerd with version ${version} of its file, once`, () =>
    withMachine(async ({ root, run }) => {
      const config = `${root}/etc/containerd/config.toml`;
      await write(config, `version = ${version}\n`);
      for (const _ of [1, 2]) assert.equal((await run()).code, 0);
      const text = await Deno.readTextFile(config);
      const section = `[plugins."${plugin}".containerd.runtimes.runsc]`;
      assert.equal(text.split(section).length, 2);
      assert.equal(await Deno.readTextFile(`${config}.before-gvisor`), `version = ${version}\n`);
      for (const file of FILES) {
        const { mode } = await Deno.stat(`${root}/usr/local/bin/${file}`);
        assert.equal((mode ?? 0) & 0o777, 0o755);
      }
    }));

  Deno.test(`install.sh tells a k0s that writes version ${version}, by a file of its own`, () =>
    withMachine(async ({ root, run }) => {
      await write(`${root}/etc/k0s/containerd.toml`, `# k0s_managed=true\nversion = ${version}\n`);
      assert.equal((await run()).code, 0);
      const text = await Deno.readTextFile(`${root}/etc/k0s/containerd.d/gvisor.toml`);
      assert.match(text, new RegExp(`^version = ${version}$`, "m"));
      assert.ok(text.includes(`[plugins."${plugin}".containerd.runtimes.runsc]`));
    }));
}

Deno.test("install.sh installs nothing when a checksum is wrong", () =>
  withMachine(async ({ root, archive, run }) => {
    await write(`${root}/etc/containerd/config.toml`, "version = 2\n");
    await Deno.writeTextFile(`${archive}/containerd-shim-runsc-v1`, "something else");
    const { code, stderr } = await run();
    assert.equal(code, 1);
    assert.match(stderr, /checksum of containerd-shim-runsc-v1 is wrong, nothing was installed/);
    await assert.rejects(Deno.stat(`${root}/usr/local/bin/runsc`), Deno.errors.NotFound);
    assert.equal(await Deno.readTextFile(`${root}/etc/containerd/config.toml`), "version = 2\n");
  }));

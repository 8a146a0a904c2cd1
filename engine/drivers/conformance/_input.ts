import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { rejectsWith } from "./trial.ts";

const AWKWARD = [
  "",
  "--",
  "--help",
  "-n",
  "-rf",
  " two  words ",
  `"double" and 'single'`,
  "line\nbreak\n",
  "tab\there",
  "back\\slash\\n",
  "$HOME ${HOME} $(id) `id`",
  "*?[a-z]{a,b}~",
  "ümläut 日本語 🦕",
  "a=b;c&d|e<f>g#h!i",
  "%s%n%d",
];

/** What a command is given: arguments, variables, a folder, a user. */
export const INPUT_CASES: readonly ConformanceCase[] = [
  {
    does: "hands on arguments verbatim",
    async run(t) {
      const script = String.raw`for one in "$@"; do printf '%s\000' "$one"; done`;
      const { code, stdout } = await t.run(["sh", "-c", script, "sh", ...AWKWARD]);
      assert.equal(code, 0);
      assert.deepEqual(stdout.split("\0").slice(0, -1), AWKWARD);
    },
  },
  {
    does: "sets variables verbatim",
    async run(t) {
      const env = Object.fromEntries(AWKWARD.map((value, index) => [`VALUE_${index}`, value]));
      const names = Object.keys(env).map((name) => `"$${name}"`).join(" ");
      const { stdout } = await t.sh(String.raw`printf '%s\000' ${names}`, { env });
      assert.deepEqual(stdout.split("\0").slice(0, -1), AWKWARD);
    },
  },
  {
    does: "keeps the host's variables from programs",
    async run(t) {
      const { hostVariable } = t.fixture;
      assert.notEqual(Deno.env.get(hostVariable), undefined, "the test sets it");
      const names = (await t.shText("env", { env: { OWN: "1" } })).split("\n")
        .map((line) => line.split("=", 1)[0]);
      assert.ok(names.includes("OWN"));
      assert.ok(!names.includes(hostVariable), hostVariable);
    },
  },
  {
    does: "lets a task set PATH, HOME and LANG itself",
    async run(t) {
      const env = { HOME: "/nowhere", LANG: "C", PATH: "/usr/bin:/bin" };
      assert.equal(
        await t.shText('echo "$HOME $LANG $PATH"', { env }),
        "/nowhere C /usr/bin:/bin",
      );
    },
  },
  {
    does: "starts in the workspace",
    async run(t) {
      await t.sh("echo here > here.txt");
      assert.equal(await t.shText("cat here.txt"), "here");
      const named = t.driver.capabilities.absolutePaths ? "/workspace" : '"$PD_WORKSPACE"';
      assert.equal(await t.shText(`cat ${named}/here.txt`), "here");
    },
  },
  {
    does: "starts in a folder of the workspace, relative or absolute",
    async run(t) {
      await t.sh("mkdir -p sub/deep; echo deep > sub/deep/f; echo sub > sub/f");
      assert.equal(await t.shText("cat f", { workDir: "sub/deep" }), "deep");
      assert.equal(await t.shText("cat f", { workDir: "./sub" }), "sub");
      assert.equal(await t.shText("cat f", { workDir: "/workspace/sub" }), "sub");
    },
  },
  {
    does: "makes a work dir that is not there",
    async run(t) {
      await t.sh("echo new > f", { workDir: "new/folder" });
      assert.equal(await t.shText("cat new/folder/f"), "new");
    },
  },
  {
    does: "runs as the user that is asked for",
    needs: "user",
    async run(t) {
      assert.equal(await t.shText("id -u; id -g", { user: "65534:65533" }), "65534\n65533");
    },
  },
  {
    does: "enforces a memory limit",
    needs: "limits",
    async run(t) {
      const script = "x=$(head -c 200000000 /dev/zero | tr '\\000' a); echo ${#x}";
      const limits = { memoryBytes: 32 * 1024 * 1024 };
      const { code, stdout } = await t.sh(script, { limits });
      assert.notEqual(code, 0, stdout);
    },
  },
  {
    does: "stops a program that starts ever more processes, and goes on beside it",
    needs: "processLimit",
    async run(t) {
      const script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 20 & done; echo all";
      const { code, stdout } = await t.sh(script, { limits: { pids: 8 } });
      assert.notEqual(code, 0, stdout);
      assert.equal(await t.shText("echo fine"), "fine");
    },
  },
  {
    does: "refuses what it does not declare, before anything starts",
    async run(t) {
      const { limits, processLimit, privileged, readOnlyMounts } = t.driver.capabilities;
      const onStart = () => assert.fail("it was started");
      if (!limits) {
        await rejectsWith("NOT_SUPPORTED", t.sh(":", { limits: { cpu: 1 }, io: { onStart } }));
      }
      if (!processLimit) {
        await rejectsWith("NOT_SUPPORTED", t.sh(":", { limits: { pids: 9 }, io: { onStart } }));
      }
      if (!privileged) {
        await rejectsWith("NOT_SUPPORTED", t.sh(":", { privileged: true, io: { onStart } }));
      }
      if (!readOnlyMounts) {
        const mounts = await t.mounts("data", "/data", true);
        await rejectsWith("NOT_SUPPORTED", t.sh(":", { mounts, io: { onStart } }));
      }
    },
  },
  {
    does: "gives a program without stdin an end of file",
    async run(t) {
      assert.equal(await t.shText("cat; echo over"), "over");
    },
  },
  {
    does: "hands on a large stdin whole",
    needs: "stdin",
    async run(t) {
      const piece = new TextEncoder().encode("0123456789abcdef".repeat(4096));
      const stdin = ReadableStream.from(Array.from({ length: 64 }, () => piece.slice()));
      const { stdout } = await t.sh("wc -c", { io: { stdin } });
      assert.equal(Number(stdout), 64 * piece.length);
    },
  },
  {
    does: "lets a program end that does not read its stdin",
    needs: "stdin",
    async run(t) {
      const { promise: cancelled, resolve } = Promise.withResolvers<void>();
      const stdin = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => resolve(),
      });
      const { code } = await t.sh("head -c 10 > /dev/null; exit 3", { io: { stdin } });
      assert.equal(code, 3);
      await cancelled;
    },
  },
  {
    does: "says that an image is missing that it may not fetch",
    needs: "images",
    async run(t) {
      const image = `localhost/no-such-image-${t.runId}:1`;
      await rejectsWith("IMAGE_UNAVAILABLE", t.sh(":", { image, pull: "never" }));
    },
  },
];

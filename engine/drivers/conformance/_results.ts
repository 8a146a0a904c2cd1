import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { Output } from "./trial.ts";

/** How commands end, and what they write. */
export const RESULT_CASES: readonly ConformanceCase[] = [
  {
    does: "answers exit codes as they were",
    async run(t) {
      for (const code of [0, 1, 7, 125, 255]) {
        assert.equal((await t.sh(`exit ${code}`)).code, code);
      }
    },
  },
  {
    does: "answers 128+n for a program that signal n ended",
    async run(t) {
      for (const [signal, code] of [["TERM", 143], ["KILL", 137], ["INT", 130]] as const) {
        assert.equal((await t.sh(`kill -${signal} $$`)).code, code, signal);
      }
    },
  },
  {
    does: "answers 127 for a program that is not there",
    async run(t) {
      assert.equal((await t.run(["no-such-program-anywhere", "x"])).code, 127);
      assert.equal((await t.run(["/no/such/program"])).code, 127);
    },
  },
  {
    does: "answers 126 for a file that cannot be executed",
    async run(t) {
      await t.sh("echo plain > plain.txt; chmod 644 plain.txt");
      assert.equal((await t.run(["/workspace/plain.txt"])).code, 126);
    },
  },
  {
    does: "keeps stdout and stderr apart, byte for byte",
    async run(t) {
      const output = new Output();
      const command = ["sh", "-c", String.raw`printf 'a\000\377b'; printf 'error: ü' >&2`];
      const { code } = await t.driver.run(await t.task({ command }), output.io());
      assert.equal(code, 0);
      assert.deepEqual([...output.stdoutBytes], [97, 0, 255, 98]);
      assert.equal(output.stderr, "error: ü");
    },
  },
  {
    does: "hands on large output whole",
    async run(t) {
      let out = 0;
      let err = 0;
      const sizeBytes = 8 * 1024 * 1024;
      await t.sh(
        `head -c ${sizeBytes} /dev/zero; head -c ${sizeBytes / 8} /dev/zero >&2`,
        {
          io: {
            onStdout: (bytes) => out += bytes.length,
            onStderr: (bytes) => err += bytes.length,
          },
        },
      );
      assert.deepEqual([out, err], [sizeBytes, sizeBytes / 8]);
    },
  },
  {
    does: "shows output while the program still runs",
    needs: "stdin",
    async run(t) {
      // The program goes on only when it is told to, and that happens only when its first line was seen.
      const input = new TransformStream<Uint8Array, Uint8Array>();
      const output = new Output();
      const command = ["sh", "-c", 'echo first; read -r line; echo "then $line"'];
      const result = t.driver.run(
        await t.task({ command }),
        output.io({ stdin: input.readable }),
      );
      await output.sees("first\n");
      const writer = input.writable.getWriter();
      await writer.write(new TextEncoder().encode("second\n"));
      await writer.close().catch(() => {});
      assert.equal((await result).code, 0);
      assert.equal(output.stdout, "first\nthen second\n");
    },
  },
  {
    does: "shows output while the program waits for another step",
    needs: "sharedVolumes",
    async run(t) {
      const output = new Output();
      const command = ["sh", "-c", "echo waiting; until [ -e go ]; do sleep 0.05; done; echo done"];
      const result = t.driver.run(await t.task({ command }), output.io());
      await output.sees("waiting\n");
      await t.sh("touch go");
      assert.equal((await result).code, 0);
      assert.equal(output.stdout, "waiting\ndone\n");
    },
  },
];

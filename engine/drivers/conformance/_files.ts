import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { Output } from "./trial.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** Files that go with one task, beside its volumes. */
export const FILE_CASES: readonly ConformanceCase[] = [
  {
    does: "brings files of a task in and back, outside of the workspace",
    async run(t) {
      const input = new TextEncoder().encode('{"ü":"\\u0000"}');
      const task = await t.task({
        command: ["sh", "-c", 'ls; cat "$IN"; printf 1234567890 > "$OUT"; printf whole > "$SHORT"'],
        files: [
          { name: "input.json", variable: "IN", content: input },
          { name: "output.json", variable: "OUT", collectBytes: 4 },
          { name: "short.txt", variable: "SHORT", collectBytes: 100 },
          { name: "never.txt", variable: "NEVER", collectBytes: 100 },
        ],
      });
      const output = new Output();
      const { code, files } = await t.driver.run(task, output.io());
      assert.equal(code, 0);
      assert.equal(output.stdout, text(input), "the workspace holds none of them");
      assert.deepEqual(Object.keys(files ?? {}).sort(), ["output.json", "short.txt"]);
      assert.deepEqual(
        [text(files?.["output.json"]?.bytes), files?.["output.json"]?.isTruncated],
        ["1234", true],
      );
      assert.deepEqual(
        [text(files?.["short.txt"]?.bytes), files?.["short.txt"]?.isTruncated],
        ["whole", false],
      );
    },
  },
  {
    does: "brings back no file that is a symlink",
    async run(t) {
      const { code, files } = await t.driver.run(
        await t.task({
          command: ["sh", "-c", 'ln -s /etc/passwd "$OUT"'],
          files: [{ name: "out", variable: "OUT", collectBytes: 100 }],
        }),
        new Output().io(),
      );
      assert.equal(code, 0);
      assert.equal(files?.["out"], undefined);
    },
  },
];

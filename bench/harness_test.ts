import assert from "node:assert/strict";
import { isReached, measure, scale, summarize } from "./harness.ts";
import { formatFigure, formatTable } from "./table.ts";
import { timeCommand } from "./time_command.ts";

Deno.test("summarize() gives smallest, middle and nine-in-ten", () => {
  const figures = [9, 1, 8, 2, 7, 3, 6, 4, 5, 10];
  assert.deepEqual(summarize(figures), { count: 10, min: 1, median: 5, p90: 9 });
  assert.deepEqual(summarize([4]), { count: 1, min: 4, median: 4, p90: 4 });
  assert.throws(() => summarize([]), RangeError);
});

Deno.test("measure() warms up, then takes as many samples of as many calls as asked for", async () => {
  let calls = 0;
  const sample = await measure(() => void calls++, { warmUps: 2, samples: 5, callsPerSample: 3 });
  assert.equal(calls, 2 + 5 * 3);
  assert.equal(sample.count, 5);
  assert.deepEqual(scale({ count: 1, min: 1, median: 2, p90: 3 }, 10), {
    count: 1,
    min: 10,
    median: 20,
    p90: 30,
  });
});

Deno.test("isReached() compares with either kind of target", () => {
  const row = { what: "x", figure: 10, unit: "ms" };
  assert.equal(isReached(row), undefined);
  assert.equal(isReached({ ...row, target: { atMost: 10 } }), true);
  assert.equal(isReached({ ...row, target: { atLeast: 11 } }), false);
});

Deno.test("formatTable() aligns figures, targets and baselines", async (t) => {
  await t.assertSnapshot(formatTable([
    {
      what: "quick",
      figure: 1.2345,
      p90: 2,
      unit: "µs/node",
      baseline: { what: "bare loop", figure: 0.5 },
      target: { atMost: 20 },
    },
    { what: "many", figure: 12_345.6, unit: "runs/s", target: { atLeast: 20_000 } },
  ]));
});

for (
  const [figure, text] of [
    [0, "0"],
    [0.01234, "0.0123"],
    [1.5, "1.5"],
    [12.345, "12.3"],
    [1_234_567.8, "1 234 568"],
    [Infinity, "Infinity"],
  ] as const
) {
  Deno.test(`formatFigure() writes ${figure} as ${text}`, () => {
    assert.equal(formatFigure(figure), text);
  });
}

Deno.test("timeCommand() times a command, and fails with what it wrote when it fails", async () => {
  const sample = await timeCommand([Deno.execPath(), "--version"], { warmUps: 0, samples: 2 });
  assert.equal(sample.count, 2);
  assert.ok(sample.min > 0);
  await assert.rejects(
    timeCommand([Deno.execPath(), "no-such-command-of-deno"], { warmUps: 0, samples: 1 }),
    /exited with 1: .*no-such-command/s,
  );
});

import assert from "node:assert/strict";
import { FakeClock } from "../../engine/clock/mod.ts";
import type { RunEvent, RunEventBody } from "../../engine/executor/mod.ts";
import { type FakeIo, fakeIo } from "../fake_io.ts";
import { loadColors } from "./colors.ts";
import { openProgress } from "./open_progress.ts";
import type { Progress, ProgressNode } from "./progress.ts";
import { displayWidth } from "./width.ts";

const NODES: readonly ProgressNode[] = [
  { id: "fetch-stories", stage: 0, maxAttempts: 3 },
  { id: "rank", stage: 1, maxAttempts: 1 },
  { id: "tag", stage: 1, maxAttempts: 1 },
  { id: "render", stage: 2, maxAttempts: 1 },
];

interface Bench {
  readonly io: FakeIo;
  readonly clock: FakeClock;
  readonly progress: Progress;
  readonly size: { columns: number; rows: number };
  tell(...events: RunEventBody[]): void;
  /** What a terminal shows after all that was written to it. */
  screen(): string[];
}

async function bench(
  options: {
    terminal?: boolean;
    quiet?: boolean;
    verbose?: boolean;
    nodes?: readonly ProgressNode[];
  } = {},
): Promise<Bench> {
  const size = { columns: 60, rows: 24 };
  const io = fakeIo(options.terminal === false ? {} : { terminal: size });
  const sized = {
    ...io,
    stderr: {
      ...io.stderr,
      write: (text: string) => io.stderr.write(text),
      isTerminal: options.terminal !== false,
      size: () => options.terminal === false || size.columns === 0 ? undefined : { ...size },
    },
  };
  const clock = new FakeClock(1_000);
  const progress = openProgress("digest 1.0", options.nodes ?? NODES, {
    io: sized,
    colors: await loadColors(false),
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    clock,
  });
  let seq = 0;
  return {
    io,
    clock,
    progress,
    size,
    tell(...events) {
      for (const event of events) {
        progress.event({ ...event, runId: "r", seq: ++seq, at: clock.now() } as RunEvent);
      }
    },
    screen: () => render(io.written.stderr, size.columns),
  };
}

/** A terminal of endless height: lines wrap, `\x1b[nA` moves up, `\x1b[J` clears below. */
function render(output: string, columns: number): string[] {
  const rows: string[] = [""];
  let at = 0;
  // deno-lint-ignore no-control-regex -- this is what a terminal reads
  for (const part of output.split(/(\x1b\[\d*[A-Z]|\n|\r)/)) {
    if (part === "\n") {
      at++;
      rows[at] ??= "";
    } else if (part === "\r" || part === "") continue;
    // deno-lint-ignore no-control-regex -- this is what a terminal reads
    else if (/^\x1b\[\d+A$/.test(part)) at -= Number(part.slice(2, -1));
    else if (part === "\x1b[J") rows.length = at + 1, rows[at] = "";
    else {
      assert.ok(at >= 0, "the cursor left the screen");
      for (let rest = part; rest !== ""; rest = rest.slice(columns)) {
        if (rows[at] !== "") rows[++at] = "";
        rows[at] = rest.slice(0, columns);
      }
    }
  }
  return rows;
}

const INPUT = { workflow: "digest", version: "1.0", input: {}, trigger: {} };
const ERROR = { code: "NODE_FAILED", message: "it broke" };

Deno.test("progress off a terminal is one line for each thing that ended", async (t) => {
  const { tell, progress, io } = await bench({ terminal: false });
  tell(
    { kind: "run.started", ...INPUT },
    { kind: "node.started", node: "fetch-stories", attempt: 1 },
    {
      kind: "log",
      node: "fetch-stories",
      attempt: 1,
      level: "info",
      message: "asking",
      fields: { url: "a b", n: 1 },
    },
    { kind: "log", node: "fetch-stories", attempt: 1, level: "debug", message: "hidden" },
    { kind: "log", node: "fetch-stories", attempt: 1, level: "warn", message: "two\nlines" },
    { kind: "node.retrying", node: "fetch-stories", attempt: 1, delayMs: 200, error: ERROR },
    { kind: "node.started", node: "fetch-stories", attempt: 2 },
    {
      kind: "node.lost",
      node: "fetch-stories",
      attempt: 2,
      error: { code: "NODE_LOST", message: "gone" },
    },
    { kind: "node.succeeded", node: "fetch-stories", attempt: 3, durationMs: 1234, output: 1 },
    { kind: "node.failed", node: "rank", attempt: 1, durationMs: 5, error: ERROR, allowed: true },
    { kind: "node.failed", node: "tag", attempt: 1, durationMs: 5, error: ERROR, allowed: false },
    { kind: "node.skipped", node: "render" },
    { kind: "run.failed", durationMs: 9, error: ERROR },
  );
  progress.end();
  await t.assertSnapshot(io.written.stderr);
});

Deno.test("progress with --quiet is nothing", async () => {
  const { tell, progress, io } = await bench({ terminal: false, quiet: true });
  tell({ kind: "run.started", ...INPUT }, { kind: "node.skipped", node: "rank" });
  progress.end();
  assert.equal(io.written.stderr, "");
});

Deno.test("progress on a terminal without columns is plain lines", async () => {
  const io = fakeIo({ terminal: { columns: 0, rows: 0 } });
  const clock = new FakeClock();
  const colors = await loadColors(false);
  const progress = openProgress("x", NODES, { io, colors, quiet: false, verbose: false, clock });
  progress.event(
    { kind: "node.skipped", node: "rank", runId: "r", seq: 1, at: 0 } as RunEvent,
  );
  assert.equal(io.written.stderr, "skipped rank\n");
  assert.equal(clock.pending, 0);
});

Deno.test("progress on a terminal is a tree of nodes with their times", async (t) => {
  const { tell, clock, screen, progress } = await bench();
  tell(
    { kind: "run.started", ...INPUT },
    { kind: "node.started", node: "fetch-stories", attempt: 1 },
  );
  await clock.advance(240);
  const running = screen();
  tell(
    { kind: "node.succeeded", node: "fetch-stories", attempt: 1, durationMs: 240, output: 1 },
    { kind: "node.started", node: "rank", attempt: 1 },
    { kind: "node.started", node: "tag", attempt: 1 },
  );
  await clock.advance(1_000);
  const parallel = screen();
  tell(
    {
      kind: "node.failed",
      node: "rank",
      attempt: 1,
      durationMs: 1_000,
      error: ERROR,
      allowed: false,
    },
    { kind: "node.cancelled", node: "tag", attempt: 1, durationMs: 1_000 },
    { kind: "node.skipped", node: "render" },
    { kind: "run.failed", durationMs: 1_240, error: ERROR },
  );
  progress.end();
  await t.assertSnapshot({ running, parallel, end: screen() });
  assert.equal(clock.pending, 0);
});

Deno.test("log lines scroll by above the tree, which is painted once on the screen", async () => {
  const { tell, clock, screen, progress } = await bench();
  tell({ kind: "run.started", ...INPUT }, {
    kind: "node.started",
    node: "fetch-stories",
    attempt: 1,
  });
  await clock.advance(200);
  for (const message of ["one", "two"]) {
    tell({ kind: "log", node: "fetch-stories", attempt: 1, level: "info", message });
    await clock.advance(200);
  }
  progress.end();
  const lines = screen();
  assert.equal(lines[0], "[fetch-stories] one");
  assert.equal(lines[1], "[fetch-stories] two");
  assert.equal(lines.filter((line) => line === "digest 1.0").length, 1);
});

Deno.test("the tree is cleared whole when the terminal becomes narrower", async () => {
  const { tell, clock, size, progress, io } = await bench();
  tell({ kind: "run.started", ...INPUT }, {
    kind: "node.started",
    node: "fetch-stories",
    attempt: 1,
  });
  await clock.advance(80);
  const painted = io.written.stderr.split("\n").slice(0, -1);
  size.columns = 12;
  io.written.stderr = "";
  await clock.advance(80);
  const rows = painted.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / 12)),
    0,
  );
  assert.ok(io.written.stderr.startsWith(`\x1b[${rows}A\r\x1b[J`));
  for (const line of io.written.stderr.replace(/^.*J/, "").split("\n")) {
    assert.ok(displayWidth(line) < 12, `"${line}" fits`);
  }
  progress.end();
});

Deno.test("the tree waits while the terminal has no columns, and goes on after", async () => {
  const { tell, clock, size, progress, io, screen } = await bench();
  tell({ kind: "run.started", ...INPUT });
  await clock.advance(80);
  const before = io.written.stderr;
  size.columns = 0;
  await clock.advance(400);
  assert.equal(io.written.stderr, before);
  size.columns = 60;
  await clock.advance(80);
  progress.end();
  assert.equal(screen().filter((line) => line === "digest 1.0").length, 1);
});

Deno.test("a thousand nodes are summed up: failures and what runs stay in sight", async () => {
  const nodes = Array.from({ length: 1_000 }, (_, i) => ({
    id: `node-${i}`,
    stage: i,
    maxAttempts: 1,
  }));
  const { tell, clock, screen, progress } = await bench({ nodes });
  tell({ kind: "run.started", ...INPUT });
  for (let i = 0; i < 500; i++) {
    tell({ kind: "node.succeeded", node: `node-${i}`, attempt: 1, durationMs: 1, output: null });
  }
  tell({ kind: "node.started", node: "node-500", attempt: 1 });
  tell({
    kind: "node.failed",
    node: "node-7",
    attempt: 1,
    durationMs: 1,
    error: ERROR,
    allowed: true,
  });
  await clock.advance(80);
  const lines = screen();
  assert.ok(lines.length <= 24);
  assert.ok(lines.some((line) => line.includes("node-500")));
  assert.ok(lines.some((line) => line.includes("✗ node-7 ")));
  assert.ok(lines.some((line) => line.includes("more; 499 of 1000 done")));
  progress.end();
});

Deno.test("a message of a node cannot disturb the tree", async () => {
  const { tell, clock, progress, io } = await bench();
  tell({ kind: "run.started", ...INPUT });
  tell({ kind: "log", node: "rank", attempt: 1, level: "info", message: "\x1b[99A\x1b[2Jx\r" });
  await clock.advance(80);
  progress.end();
  assert.ok(io.written.stderr.includes("[rank] x␍\n"));
  assert.ok(!io.written.stderr.includes("\x1b[2J"));
});

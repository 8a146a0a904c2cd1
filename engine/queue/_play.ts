import { FakeClock } from "../clock/mod.ts";
import type { QueueConfig } from "../spec/mod.ts";
import { type Moves, RunQueue } from "./mod.ts";

/** One line of the table. */
interface Row {
  readonly what: string;
  readonly starts: readonly string[];
  readonly cancels: readonly string[];
  readonly refuses: string;
}

/**
 * Plays arrivals, ends, cancels and seconds through a queue, and draws what became of them as a table. A run
 * that is told to stop goes on until the step that ends it.
 */
export async function play(config: QueueConfig, steps: string): Promise<string> {
  const clock = new FakeClock();
  const queue = new RunQueue(config, clock);
  const running: string[] = [];
  const waiting: string[] = [];
  const lines: string[] = [];
  for (const step of steps.split(" ")) {
    const row = await playStep(step, queue, clock);
    for (const id of row.starts) {
      if (waiting.includes(id)) waiting.splice(waiting.indexOf(id), 1);
      running.push(id);
    }
    const [arrived = ""] = step.split(":");
    if (/^[a-z]$/.test(arrived) && queue.position(arrived) !== undefined) waiting.push(arrived);
    for (const id of [...row.cancels, step.slice(1)]) {
      if (waiting.includes(id)) waiting.splice(waiting.indexOf(id), 1);
    }
    if (step.startsWith("-")) running.splice(running.indexOf(step.slice(1)), 1);
    const inOrder = waiting.toSorted((a, b) => (queue.position(a) ?? 0) - (queue.position(b) ?? 0));
    lines.push(
      [
        row.what,
        running.join(" "),
        inOrder.join(" "),
        row.cancels.join(" "),
        row.refuses,
      ].map((text, column) => text.padEnd([16, 9, 9, 9, 0][column] ?? 0)).join(" ").trimEnd(),
    );
  }
  return ["event            runs      waits     cancelled refused", ...lines].join("\n");
}

async function playStep(step: string, queue: RunQueue, clock: FakeClock): Promise<Row> {
  const id = step.slice(1);
  if (step.startsWith("+")) {
    await clock.advance(Number(id) * 1_000);
    return rowOf(`${id} s pass`, queue.due());
  }
  if (step.startsWith("-")) return rowOf(`${id} ends`, queue.ended(id));
  if (step.length > 1 && step.startsWith("x")) {
    queue.cancelled(id);
    return rowOf(`${id} is cancelled`, { start: [], cancel: [] });
  }
  const [runId = "", partition] = step.split(":");
  const offer = queue.offer({ runId, partition: partition ?? "", createdAt: clock.now() });
  const what = `${runId} arrives${partition === undefined ? "" : ` in ${partition}`}`;
  if (offer.decision === "refuse") {
    return { ...rowOf(what, { start: [], cancel: [] }), refuses: runId };
  }
  const { start, cancel } = queue.accept(runId);
  return rowOf(what, {
    start: offer.decision === "start" ? [runId, ...start] : start,
    cancel,
  });
}

function rowOf(what: string, { start, cancel }: Moves): Row {
  return { what, starts: start, cancels: cancel, refuses: "" };
}

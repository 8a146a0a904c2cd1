import { systemClock } from "../../engine/clock/mod.ts";
import { compile } from "../../engine/compiler/mod.ts";
import {
  leftOverOf,
  resumeFrom,
  type RunEvent,
  type RunEventBody,
} from "../../engine/executor/mod.ts";
import { currentOwner, type Storage, type StoredRun } from "../../engine/storage/mod.ts";

const PAGE = 1_000;

/**
 * Ends a run as cancelled when no living engine owns it: there is nobody else to do it. False when an engine
 * has it, or when it is over.
 */
export async function endOrphan(runId: string, storage: Storage): Promise<boolean> {
  const [claimed] = await storage.claimRuns(currentOwner(), { runId, limit: 1 });
  if (claimed === undefined) return false;
  const { run, lease } = claimed;
  const at = systemClock.now();
  const bodies = endings(run, await readAll(runId, storage), at);
  const error = {
    code: "RUN_CANCELLED",
    message: `Cannot finish run "${runId}" as started: it was cancelled after its engine had ended`,
    fix: `pd runs retry ${runId}`,
  };
  const durationMs = Math.max(0, at - (run.startedAt ?? at));
  const events = [...bodies, { kind: "run.cancelled", durationMs, error } as const].map(
    (body, index): RunEvent => ({ ...body, runId, seq: run.lastSeq + 1 + index, at }),
  );
  await storage.append({
    lease,
    events,
    update: { status: "cancelled", completedAt: at, error: `${error.code}: ${error.message}` },
  });
  return true;
}

/** What becomes of nodes that are not done. */
function endings(run: StoredRun, events: readonly RunEvent[], at: number): readonly RunEventBody[] {
  const { dag } = compile(run.spec);
  if (dag === undefined) return [];
  return leftOverOf(dag, resumeFrom(dag, events), at);
}

async function readAll(runId: string, storage: Storage): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await storage.readEvents(runId, events.at(-1)?.seq ?? 0, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

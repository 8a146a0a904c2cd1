import { resolve } from "node:path";
import { PdError } from "../../engine/errors/mod.ts";
import type { EventLog } from "../../engine/observability/mod.ts";
import { importPrunnerData } from "../../engine/prunner_data/mod.ts";
import type { Storage } from "../../engine/storage/mod.ts";

/** Where prunner keeps its jobs, unless it is told otherwise. */
const PRUNNER_DATA = ".prunner";

/** Takes over the jobs that prunner has left in the data folder, or in its own. What is damaged is told, and left. */
export async function takeOverPrunner(
  { data, cwd, storage, log }: {
    readonly data: string;
    readonly cwd: string;
    readonly storage: Storage;
    readonly log: EventLog;
  },
): Promise<void> {
  for (const dir of new Set([data, resolve(cwd, PRUNNER_DATA)])) {
    try {
      const { imported = 0 } = await importPrunnerData({ dir, storage, now: Date.now() }) ?? {};
      if (imported > 0) log.line("info", `${imported} of prunner's jobs taken over from ${dir}`);
    } catch (error) {
      if (!(error instanceof PdError)) throw error;
      log.line("error", `${error.code} ${error.message}`, { place: dir });
    }
  }
}

import type { WorkspaceListener } from "./open_target.ts";
import type { Output, Sink } from "./terminal/mod.ts";
import { shownBytes } from "./shown_bytes.ts";

type Progress = Parameters<WorkspaceListener>[0];

/** A workspace that is in sooner is not worth a word. */
const PATIENCE_MS = 300;
const INTERVAL_MS = 100;

/** How far the workspace has come: a line on a terminal while it takes, and one with `-v` when it is in. */
export class WorkspaceLine {
  readonly #out: Output;
  readonly #sink: Sink;
  readonly #startedAt = performance.now();
  #shownAt: number | undefined;

  constructor(out: Output, sink: Sink) {
    this.#out = out;
    this.#sink = sink;
  }

  show(progress: Progress): void {
    if (progress.isDone) {
      this.end();
      this.#out.detail(`workspace: ${sizeOf(progress)}`);
      return;
    }
    if (!this.#sink.isTerminal || this.#out.quiet || this.#out.format === "json") return;
    const now = performance.now();
    if (now - (this.#shownAt ?? this.#startedAt + PATIENCE_MS - INTERVAL_MS) < INTERVAL_MS) return;
    this.#shownAt = now;
    this.#sink.write(`\r\x1b[Kworkspace: ${sizeOf(progress)} …`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shownAt !== undefined) this.#sink.write("\r\x1b[K");
    this.#shownAt = undefined;
  }
}

function sizeOf({ files, bytes }: Progress): string {
  return `${files === 1 ? "1 file" : `${files} files`}, ${shownBytes(bytes)}`;
}

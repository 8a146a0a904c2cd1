import type { RunEvent } from "../../engine/executor/mod.ts";
import { formatElapsed } from "./duration.ts";
import { formatLogLine } from "./log_line.ts";
import type { Progress, ProgressNode, ProgressOptions } from "./progress.ts";
import { displayWidth, printable, truncate } from "./width.ts";

const REPAINT_MS = 80;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** More nodes than this are summed up, however tall the terminal is. */
const MAX_LINES = 40;

type Status =
  | "pending"
  | "running"
  | "waiting"
  | "ok"
  | "failed"
  | "allowed"
  | "cancelled"
  | "skipped";

interface Line {
  readonly node: ProgressNode;
  status: Status;
  attempt: number;
  startedAt: number;
  durationMs: number | undefined;
}

/**
 * Progress as a tree of nodes that repaints itself. Log lines scroll by above it. The cursor is never
 * hidden, so that even a killed process leaves the terminal as it was.
 */
export class TreeProgress implements Progress {
  readonly #title: string;
  readonly #options: ProgressOptions;
  readonly #lines: readonly Line[];
  readonly #byId: ReadonlyMap<string, Line>;
  #painted: readonly number[] = [];
  #stopTimer: (() => void) | undefined;
  #frame = 0;
  #clockSkewMs = 0;
  #verdict: string | undefined;

  constructor(title: string, nodes: readonly ProgressNode[], options: ProgressOptions) {
    this.#title = title;
    this.#options = options;
    this.#lines = nodes.map((node) => ({
      node,
      status: "pending",
      attempt: 0,
      startedAt: 0,
      durationMs: undefined,
    }));
    this.#byId = new Map(this.#lines.map((line) => [line.node.id, line]));
  }

  event(event: RunEvent): void {
    if (event.kind === "log") {
      if (event.level !== "debug" || this.#options.verbose) {
        this.#print(formatLogLine(event, this.#options.colors));
      }
      return;
    }
    if (event.kind === "run.started") {
      this.#clockSkewMs = this.#options.clock.now() - event.at;
      this.#tick();
      return;
    }
    if ("node" in event) this.#apply(event);
    else this.#verdict = verdict(event, this.#options.colors);
  }

  end(): void {
    if (this.#stopTimer === undefined) return;
    this.#stopTimer();
    this.#stopTimer = undefined;
    for (const line of this.#lines) {
      if (line.status === "running" || line.status === "waiting") line.status = "cancelled";
    }
    this.#paint();
    this.#painted = [];
  }

  #tick(): void {
    this.#stopTimer = this.#options.clock.after(REPAINT_MS, () => {
      this.#frame++;
      this.#paint();
      this.#tick();
    });
  }

  #apply(event: RunEvent & { readonly node: string }): void {
    const line = this.#byId.get(event.node);
    if (line === undefined) return;
    switch (event.kind) {
      case "node.started":
        line.status = "running";
        line.attempt = event.attempt;
        if (line.startedAt === 0) line.startedAt = event.at;
        return;
      case "node.retrying":
      case "node.lost":
        line.status = "waiting";
        return;
      case "node.succeeded":
        line.status = "ok";
        line.durationMs = event.durationMs;
        return;
      case "node.failed":
        line.status = event.allowed ? "allowed" : "failed";
        line.durationMs = event.durationMs;
        return;
      case "node.cancelled":
        line.status = "cancelled";
        line.durationMs = event.durationMs;
        return;
      case "node.skipped":
        line.status = "skipped";
        return;
    }
  }

  /** Writes lines above the tree. */
  #print(text: string): void {
    this.#options.io.stderr.write(`${this.#erase()}${text}\n`);
    this.#painted = [];
    if (this.#stopTimer !== undefined) this.#paint();
  }

  #paint(): void {
    const size = this.#options.io.stderr.size();
    // A terminal that lost its columns is left alone until it has some again.
    if (size === undefined) return;
    const lines = this.#render(size);
    this.#options.io.stderr.write(`${this.#erase()}${lines.map((line) => `${line}\n`).join("")}`);
    this.#painted = lines.map(displayWidth);
  }

  /** Takes back what was painted, however many rows it takes at the width of now. */
  #erase(): string {
    if (this.#painted.length === 0) return "";
    const columns = this.#options.io.stderr.size()?.columns;
    let rows = 0;
    for (const width of this.#painted) {
      rows += columns === undefined ? 1 : Math.max(1, Math.ceil(width / columns));
    }
    return `\x1b[${rows}A\r\x1b[J`;
  }

  #render({ columns, rows }: { readonly columns: number; readonly rows: number }): string[] {
    const { bold, dim } = this.#options.colors;
    const room = Math.max(1, Math.min(MAX_LINES, rows - 3));
    const shown = this.#lines.length <= room ? this.#lines : this.#mostTelling(room - 1);
    const idWidth = Math.min(
      Math.max(...shown.map((line) => line.node.id.length), 0),
      Math.max(1, columns - (columns < 40 ? 6 : 24)),
    );
    const lines = shown.map((line, index) =>
      this.#renderLine(line, { index, shown, idWidth, columns })
    );
    if (shown.length < this.#lines.length) {
      lines.push(dim(truncate(this.#summary(shown), columns - 1)));
    }
    const title = bold(truncate(printable(this.#title), columns - 1));
    return [title, ...lines, ...(this.#verdict === undefined ? [] : [this.#verdict])];
  }

  #renderLine(
    line: Line,
    { index, shown, idWidth, columns }: {
      readonly index: number;
      readonly shown: readonly Line[];
      readonly idWidth: number;
      readonly columns: number;
    },
  ): string {
    const { dim } = this.#options.colors;
    const stage = line.node.stage;
    const above = shown[index - 1]?.node.stage === stage;
    const below = shown[index + 1]?.node.stage === stage;
    // Nodes of one stage run side by side: a bracket holds them together.
    const bracket = above && below ? "│" : below ? "┌" : above ? "└" : " ";
    const [paint, symbol] = this.#symbol(line.status);
    const id = truncate(line.node.id, idWidth).padEnd(idWidth);
    const time = this.#time(line);
    const more = line.attempt > 1 ? `  attempt ${line.attempt}/${line.node.maxAttempts}` : "";
    const tail = truncate(`${time.padStart(8)}${more}`, Math.max(0, columns - idWidth - 7));
    return `${dim(bracket)} ${paint(symbol)} ${line.status === "pending" ? dim(id) : id}  ${
      dim(tail)
    }`
      .trimEnd();
  }

  #symbol(status: Status): readonly [(text: string) => string, string] {
    const { green, red, yellow, dim, cyan } = this.#options.colors;
    switch (status) {
      case "pending":
        return [dim, "·"];
      case "running":
        return [cyan, SPINNER[this.#frame % SPINNER.length] ?? "-"];
      case "waiting":
        return [yellow, "↻"];
      case "ok":
        return [green, "✓"];
      case "failed":
        return [red, "✗"];
      case "allowed":
        return [yellow, "✗"];
      case "cancelled":
        return [yellow, "■"];
      case "skipped":
        return [dim, "-"];
    }
  }

  #time(line: Line): string {
    if (line.durationMs !== undefined) return formatElapsed(line.durationMs);
    if (line.startedAt === 0) return line.status === "skipped" ? "skipped" : "";
    return formatElapsed(
      Math.max(0, this.#options.clock.now() - this.#clockSkewMs - line.startedAt),
    );
  }

  /** What a person looks for when not all fits: failures, then what runs, then what comes next. */
  #mostTelling(count: number): readonly Line[] {
    const rank: Record<Status, number> = {
      failed: 0,
      allowed: 1,
      running: 2,
      waiting: 2,
      cancelled: 3,
      pending: 4,
      ok: 5,
      skipped: 6,
    };
    const chosen = new Set(
      this.#lines.toSorted((a, b) => rank[a.status] - rank[b.status]).slice(0, Math.max(0, count)),
    );
    return this.#lines.filter((line) => chosen.has(line));
  }

  #summary(shown: readonly Line[]): string {
    const hidden = this.#lines.length - shown.length;
    const done = this.#lines.filter((line) => line.status === "ok").length;
    return `  … and ${hidden} more; ${done} of ${this.#lines.length} done`;
  }
}

function verdict(event: RunEvent, { green, red, yellow }: ProgressOptions["colors"]): string {
  switch (event.kind) {
    case "run.succeeded":
      return green(`done in ${formatElapsed(event.durationMs)}`);
    case "run.failed":
      return red(`failed after ${formatElapsed(event.durationMs)}`);
    case "run.cancelled":
      return yellow(`cancelled after ${formatElapsed(event.durationMs)}`);
    default:
      return "";
  }
}

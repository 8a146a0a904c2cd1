import type { RunEvent } from "../../engine/executor/mod.ts";
import { formatElapsed } from "./duration.ts";
import { formatLogLine } from "./log_line.ts";
import type { Progress, ProgressNode, ProgressOptions } from "./progress.ts";
import { printable } from "./width.ts";

/** Progress as one line per event, for pipes and files. */
export class LineProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #maxAttempts: ReadonlyMap<string, number>;

  constructor(nodes: readonly ProgressNode[], options: ProgressOptions) {
    this.#options = options;
    this.#maxAttempts = new Map(nodes.map((node) => [node.id, node.maxAttempts]));
  }

  event(event: RunEvent): void {
    const line = this.#line(event);
    if (line !== undefined) this.#options.io.stderr.write(`${line}\n`);
  }

  end(): void {}

  #line(event: RunEvent): string | undefined {
    const { colors, verbose } = this.#options;
    const { green, red, yellow, dim } = colors;
    switch (event.kind) {
      case "node.started":
        return verbose ? dim(`${event.node}: started, attempt ${event.attempt}`) : undefined;
      case "node.succeeded":
        return `${green("ok")} ${event.node} ${formatElapsed(event.durationMs)}`;
      case "node.failed":
        return event.allowed
          ? `${yellow("failed")} ${event.node} ${
            formatElapsed(event.durationMs)
          }, which is allowed: ${printable(`${event.error.code} ${event.error.message}`)}`
          : `${red("failed")} ${event.node} ${formatElapsed(event.durationMs)}`;
      case "node.retrying":
        return `${yellow("retry")} ${event.node} in ${formatElapsed(event.delayMs)}, attempt ${
          event.attempt + 1
        } of ${this.#maxAttempts.get(event.node) ?? "?"}: ${
          printable(`${event.error.code} ${event.error.message}`)
        }`;
      case "node.lost":
        return `${yellow("lost")} ${event.node}, attempt ${event.attempt}: ${
          printable(`${event.error.code} ${event.error.message}`)
        }`;
      case "node.cancelled":
        return `${yellow("cancelled")} ${event.node} ${formatElapsed(event.durationMs)}`;
      case "node.skipped":
        return dim(`skipped ${event.node}`);
      case "log":
        return event.level === "debug" && !verbose ? undefined : formatLogLine(event, colors);
      default:
        return undefined;
    }
  }
}

import type { Context } from "pipedreamer";

/** A node after one other gets that node's output. The last one's output is what `pd run` prints. */
export default function shout(ctx: Context, input: { greeting: string }): string {
  return `${input.greeting.toUpperCase()}${ctx.config["exclamation"] ?? ""}`;
}

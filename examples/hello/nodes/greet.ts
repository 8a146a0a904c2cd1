import type { Context } from "pipedreamer";

/** Greets by name. */
export default function greet(ctx: Context, input: { name: string }): string {
  ctx.log.info("greeting", { name: input.name });
  return `Hello, ${input.name}!`;
}

import type { Context } from "pipedreamer";

/** A root node gets the input of the run. */
export default function greet(ctx: Context, input: { name: string }): { greeting: string } {
  ctx.log.info("greeting", { name: input.name });
  return { greeting: `Hello, ${input.name}` };
}

import type { Context } from "pipedreamer";

/** The words of a text, in lower case. */
export default function split(
  _ctx: Context,
  input: { text: string },
): string[] {
  return input.text.toLowerCase().match(/[a-z]+/g) ?? [];
}

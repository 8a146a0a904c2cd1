import type { Context } from "pipedreamer";
import type { Summary } from "./merge.ts";

const ORDER: Summary["state"][] = ["approved", "changes requested", "waits for review", "draft"];

/** Writes the pull requests as text, grouped by what they wait for. */
export default function format(_ctx: Context, input: { repo: string; pulls: Summary[] }): string {
  const { repo, pulls } = input;
  const groups = Map.groupBy(pulls, ({ state }) => state);
  const parts = ORDER.flatMap((state) => {
    const group = groups.get(state);
    return group === undefined ? [] : [`${state}\n${group.map(entry).join("\n")}`];
  });
  return [`${repo}: ${pulls.length} open pull requests`, ...parts].join("\n\n");
}

function entry({ number, title, author, commits, updated, url }: Summary): string {
  const count = commits === 1 ? "1 commit" : `${commits} commits`;
  return `  #${number} ${title}\n      by ${author}, ${count}, last on ${updated}\n      ${url}`;
}

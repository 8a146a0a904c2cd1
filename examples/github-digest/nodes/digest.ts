import type { Context } from "pipedreamer";
import type { Release, RepoEvent } from "./github.ts";

interface Input {
  "fetch-events": { repo: string; events: RepoEvent[] };
  "fetch-releases": Release[];
}

/** Writes the digest as Markdown; a section with nothing in it is left out. */
export default function digest(_ctx: Context, input: Input): string {
  const { repo, events } = input["fetch-events"];
  const pushes = events.filter((event) => event.type === "PushEvent");
  const pulls = events.filter((event) => event.type === "PullRequestEvent");
  const issues = events.filter((event) => event.type === "IssuesEvent");

  return [
    `# ${repo}`,
    section("Releases", input["fetch-releases"].map(releaseLine)),
    section(
      "Pull requests",
      pulls.map(({ payload, actor }) =>
        `#${payload.pull_request.number} ${payload.pull_request.title} (${payload.action} by ${actor.login})`
      ),
    ),
    section(
      "Issues",
      issues.map(({ payload, actor }) =>
        `#${payload.issue.number} ${payload.issue.title} (${payload.action} by ${actor.login})`
      ),
    ),
    section("Commits", commitsByAuthor(pushes)),
  ].filter((part) => part !== "").join("\n\n");
}

function section(title: string, lines: string[]): string {
  return lines.length === 0
    ? ""
    : [`## ${title}`, "", ...lines.map((line) => `- ${line}`)].join("\n");
}

function releaseLine({ name, tag_name, html_url, published_at }: Release): string {
  return `[${name ?? tag_name}](${html_url}), ${published_at?.slice(0, 10) ?? "no date"}`;
}

function commitsByAuthor(pushes: Extract<RepoEvent, { type: "PushEvent" }>[]): string[] {
  const counts = new Map<string, number>();
  for (const { actor, payload } of pushes) {
    counts.set(actor.login, (counts.get(actor.login) ?? 0) + payload.size);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([login, count]) => `${login}: ${count}`);
}

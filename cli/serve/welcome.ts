import type { RegistryProblem } from "../../engine/registry/mod.ts";
import { type Output, printable } from "../terminal/mod.ts";

/** What a server that has started says of itself. */
export interface StartedServer {
  readonly url: string;
  /** Their names. */
  readonly workflows: readonly string[];
  readonly problems: readonly RegistryProblem[];
  /** Where workflows were looked for, as it may be shown. */
  readonly path: string;
  readonly secretPlace: string;
  readonly isNewSecret: boolean;
  readonly isOpenToNetwork: boolean;
  /** To try it out with, on a terminal alone: what it says may be kept elsewhere. */
  readonly token: string | undefined;
}

const SHOWN = 10;

/** Lines for whoever started it. */
export function welcome(out: Output, server: StartedServer): string {
  const { bold, dim, cyan, yellow } = out.errorColors;
  const { url, workflows, problems, token } = server;
  const lines = [`${bold("pd serve")} answers at ${cyan(url)}`];
  if (workflows.length === 0) {
    lines.push(
      `no workflow below ${server.path}, and none stored. To have one:`,
      "  pd init hello            a workflow.yaml and its nodes",
      "  pd set-pipeline k6.ts    a stored pipeline",
      "  or write pipelines.yml, as prunner has it",
    );
  } else {
    const more = workflows.length > SHOWN ? ` and ${workflows.length - SHOWN} more` : "";
    lines.push(`${counted(workflows.length)}: ${workflows.slice(0, SHOWN).join(", ")}${more}`);
  }
  if (problems.length > 0) {
    lines.push(
      `${yellow("not loaded")}: ${problems.map(({ place }) => printable(place)).join(", ")}`,
    );
  }
  if (server.isNewSecret) {
    lines.push(`tokens are signed with a new secret in ${server.secretPlace}`);
  }
  if (server.isOpenToNetwork) {
    lines.push(`${yellow("warning")} other machines reach it without TLS: put a proxy in front`);
  }
  if (token === undefined) {
    lines.push(dim("a token to call it with: pd token create --ttl 1h"));
  } else {
    lines.push(
      "",
      `sign in for an hour: ${cyan(`${url}/#token=${token}`)}`,
      dim(`curl -H "Authorization: Bearer $(pd token create --ttl 1h)" ${url}/pipelines/`),
    );
  }
  return lines.join("\n");
}

/** How many workflows. */
export function counted(workflows: number): string {
  return workflows === 1 ? "1 workflow" : `${workflows} workflows`;
}

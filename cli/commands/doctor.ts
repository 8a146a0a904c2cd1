import type { CommandDefinition } from "../command.ts";
import type { CheckedFinding } from "../doctor/mod.ts";
import type { Colors } from "../terminal/mod.ts";

/** `pd doctor` */
export const definition: CommandDefinition = {
  name: "doctor",
  summary: "Check that this machine has what pd needs",
  examples: [
    { run: "pd doctor", does: "a line for each thing, with a fix where one is needed" },
    { run: "pd doctor -o json", does: "the same as a list" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Check that this machine has what pd needs. Exits with 1 when something that pd cannot do without is wrong.",
      )
      .action(async () => {
        const { CHECKS, runChecks } = await import("../doctor/mod.ts");
        const findings = await runChecks(CHECKS, cli.io.env);
        const isHealthy = findings.every(({ status }) => status !== "fail");
        cli.out.result(
          findings.map((finding) => formatFinding(finding, cli.out.colors)).join("\n"),
          { healthy: isHealthy, checks: findings.map((finding) => ({ ...finding })) },
        );
        if (!isHealthy) cli.exitCode = 1;
      }),
};

function formatFinding({ name, status, detail, fix, why }: CheckedFinding, colors: Colors): string {
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[status];
  const line = `${paint(status.padEnd(5))} ${name.padEnd(11)} ${detail}`;
  return fix === undefined
    ? line
    : `${line}\n${colors.dim(`${" ".repeat(18)}fix: ${fix} (${why})`)}`;
}

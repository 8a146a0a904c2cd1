import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";

/** `pd schedule` */
export const definition: CommandDefinition = {
  name: "schedule",
  summary: "Show when a workflow runs next",
  examples: [
    { run: "pd schedule", does: "the next ten ticks of all cron triggers" },
    { run: "pd schedule examples/hn-digest -n 3", does: "the next three" },
    { run: "pd schedule . --from 2026-10-24", does: "over the change of the clocks" },
    { run: "pd schedule . -o json", does: "for a script" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Show when a workflow runs next: the ticks of all its cron triggers in the time of this machine, in UTC, and in the zone of each trigger.",
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .option("-n, --count <number>", "how many ticks, 1 to 1000", "10")
      .option("--from <time>", "ticks after this time, such as 2026-10-24 or 2026-10-24T12:00Z")
      .action(async (dir, options) => {
        const { showSchedule } = await import("../show_schedule.ts");
        await showSchedule(cli, {
          target: dir,
          count: options.count,
          from: options.from,
          now: Date.now(),
          timeZone: Temporal.Now.timeZoneId(),
        });
      }) as CommandUnknownOpts,
};

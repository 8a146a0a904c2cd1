import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { fakeIo } from "./fake_io.ts";
import { runCli } from "./run_cli.ts";
import { definition } from "./commands/schedule.ts";
import type { Cli } from "./cli.ts";
import { addGlobalFlags } from "./global_flags.ts";
import { createCommand } from "./command.ts";
import { type ScheduleRequest, showSchedule } from "./show_schedule.ts";
import { loadColors, Output } from "./terminal/mod.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

async function show(
  format: "text" | "json",
  request: Partial<ScheduleRequest>,
): Promise<{ stdout: string; stderr: string }> {
  const io = fakeIo({ cwd: ROOT });
  const colors = await loadColors(false);
  const out = new Output({
    io,
    format,
    quiet: false,
    verbose: false,
    colors,
    errorColors: colors,
  });
  await showSchedule({ io, out } as unknown as Cli, {
    target: "examples/hn-digest",
    count: "4",
    from: undefined,
    now: Date.parse("2026-03-27T20:00:00Z"),
    timeZone: "America/New_York",
    ...request,
  });
  return io.written;
}

Deno.test("pd schedule shows ticks in local time, in UTC and in their zone, over a clock change", async (t) => {
  const { stdout } = await show("text", {});
  await t.assertSnapshot(stdout, { serializer: (text) => text });
});

Deno.test("pd schedule merges the triggers of a workflow in the order of time", async (t) => {
  const target = "engine/spec/testdata/everything.yaml";
  const { stdout, stderr } = await show("text", {
    target,
    count: "5",
    from: "2026-03-27T04:30Z",
    timeZone: "Asia/Tokyo",
  });
  await t.assertSnapshot(stdout, { serializer: (text) => text });
  assert.equal(stderr, "");
});

Deno.test("pd schedule -o json has each moment three times, with its offset", async () => {
  const { stdout } = await show("json", { count: "1", from: "2026-10-24" });
  assert.deepEqual(JSON.parse(stdout), {
    workflow: "hn-digest",
    from: "2026-10-24T04:00:00Z",
    timezone: "America/New_York",
    ticks: [{
      trigger: "daily",
      schedule: "0 9 * * *",
      timezone: "Europe/Berlin",
      scheduledAt: "2026-10-24T07:00:00Z",
      local: "2026-10-24T03:00:00-04:00",
      inZone: "2026-10-24T09:00:00+02:00",
    }],
  });
});

Deno.test("pd schedule says so when nothing is scheduled", async () => {
  const { stdout } = await show("text", { target: "examples/hello" });
  assert.equal(stdout, "hello has no cron trigger that will fire\n");
});

const WRONG: readonly (readonly [string[], RegExp])[] = [
  [["-n", "0"], /a whole number from 1 to 1000/],
  [["--count", "many"], /a whole number from 1 to 1000/],
  [["--from", "tomorrow"], /a time in ISO 8601/],
];

for (const [args, want] of WRONG) {
  Deno.test(`pd schedule ${args.join(" ")} is wrong usage, with a call that works`, async () => {
    const io = fakeIo({ cwd: ROOT });
    assert.equal(await runCli(["schedule", "examples/hello", ...args], io), 2);
    assert.match(io.written.stderr, want);
    assert.match(io.written.stderr, /fix: pd schedule examples\/hello --/);
  });
}

Deno.test("pd schedule says where it looked for a workflow", async () => {
  const io = fakeIo({ cwd: ROOT });
  assert.equal(await runCli(["schedule", "docs/commands/schedule.md"], io), 1);
  assert.match(io.written.stderr, /TARGET_NOT_FOUND/);
});

Deno.test("a command that has a letter of its own keeps it, and the global flag goes by its name", () => {
  const command = definition.build(createCommand(definition), {} as Cli);
  addGlobalFlags(command);
  const flags = command.options.map((option) => option.flags);
  assert.ok(flags.includes("-n, --count <number>"));
  assert.ok(flags.includes("--namespace <name>"));
});

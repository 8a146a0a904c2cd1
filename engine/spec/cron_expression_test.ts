import assert from "node:assert/strict";
import { cronFlaw } from "./cron_expression.ts";

Deno.test("cronFlaw() accepts five and six fields, names, lists, ranges, steps and aliases", () => {
  const good = [
    "* * * * *",
    "0 9 * * *",
    "  0   9 * * *  ",
    "*/5 * * * *",
    "0-30/10,45 8-18 1,15 JAN-MAR,12 MON-FRI",
    "0 0 * * 0",
    "0 0 * * 7",
    "0 0 1 jan sun",
    "30 0 0 29 2 *",
    "5/15 * * * *",
    "0 0 31 * *",
    "0 0 31 2 MON",
    "0 0 30,28 2 *",
    "@daily",
    "@hourly",
    "@annually",
  ];
  for (const text of good) assert.equal(cronFlaw(text), undefined, text);
});

Deno.test("cronFlaw() says which field is wrong and why", () => {
  const bad: [string, RegExp][] = [
    ["", /has 0/],
    ["* * * *", /has 4/],
    ["* * * * * * *", /has 7/],
    ["60 * * * *", /minute .*"60" is not a value from 0 to 59/],
    ["* 24 * * *", /hour .*"24"/],
    ["* * 0 * *", /day of month .*"0"/],
    ["* * * 13 *", /month .*"13"/],
    ["* * * * 8", /day of week .*"8"/],
    ["60 * * * * *", /second .*"60"/],
    ["*/0 * * * *", /step in "\*\/0"/],
    ["*/99 * * * *", /larger than 59/],
    ["*/x * * * *", /step in/],
    ["1/2/3 * * * *", /not a list/],
    ["30-10 * * * *", /runs backwards/],
    ["1,,2 * * * *", /not a list/],
    ["1- * * * *", /"1-" is not a value/],
    ["* * * FOO *", /"FOO"/],
    ["* * * MON *", /"MON"/],
    ["-1 * * * *", /"-1"/],
    ["1.5 * * * *", /"1.5"/],
    ["0 0 30 2 *", /day 30 never comes in month 2/],
    ["0 0 31 4,JUN *", /day 31 never comes/],
    ["@reboot", /"@reboot" is none of them/],
    ["@every 5m", /none of them/],
    ["TZ=Europe/Berlin 0 9 * * *", /begins with/],
  ];
  for (const [text, why] of bad) {
    const flaw = cronFlaw(text);
    assert.ok(flaw !== undefined, text);
    assert.match(`${flaw.rule}: ${flaw.state}`, why);
    assert.equal(flaw.code, "SPEC_CRON");
  }
  assert.deepEqual(cronFlaw("@every 5m")?.fix, { write: '"*/5 * * * *"' });
});

import assert from "node:assert/strict";
import { shownAddress } from "../shown_address.ts";
import { readAge, readMoment, readStatuses } from "./read_flags.ts";
import { formatAgo, formatMoment } from "../terminal/mod.ts";

const NOW = Date.UTC(2027, 0, 31, 9);

Deno.test("readMoment() takes durations, days, times and epoch milliseconds", () => {
  const read = (text: string) => readMoment(text, "--until", NOW);
  assert.equal(read("2h"), NOW - 7_200_000);
  assert.equal(read("1.5d"), NOW - 129_600_000);
  assert.equal(read("2w"), NOW - 14 * 86_400_000);
  assert.equal(read("2027-01-31T08:00:00Z"), NOW - 3_600_000);
  assert.equal(read("2027-01-31"), new Date(2027, 0, 31).getTime());
  assert.equal(read(String(NOW - 7)), NOW - 7);
  for (const text of ["", "soon", "2", "2027-13-01", "-2h"]) {
    assert.throws(() => read(text), { code: "USAGE", fix: /^--until 2h/ }, text);
  }
  assert.equal(readAge("30d"), 30 * 86_400_000);
});

Deno.test("readStatuses() takes a list, and knows what was meant", () => {
  assert.deepEqual(readStatuses("failed, Cancelled"), ["failed", "cancelled"]);
  assert.throws(() => readStatuses("canceled"), {
    code: "USAGE",
    fix: "--status cancelled",
    message: /did you mean "cancelled"\?$/,
  });
});

Deno.test("formatAgo() and formatMoment() are short", () => {
  const ago = [0, 59_000, 60_000, 3_600_000, 90_000_000, 172_800_000, 40 * 86_400_000];
  assert.deepEqual(ago.map((ms) => formatAgo(NOW - ms, NOW)), [
    "0 s ago",
    "59 s ago",
    "1 m ago",
    "1 h ago",
    "25 h ago",
    "2 d ago",
    formatMoment(NOW - 40 * 86_400_000).slice(0, 10),
  ]);
  assert.equal(formatMoment(NOW, "Europe/Berlin"), "2027-01-31 10:00:00");
});

Deno.test("shownAddress() shows no password", () => {
  const addresses: readonly [string, string][] = [
    ["postgres://ada:s3cret@db:5432/runs", "postgres://ada:***@db:5432/runs"],
    ["postgres://db/runs?user=ada&password=s3cret", "postgres://db/runs?user=ada&password=***"],
    ["postgres://ada@db/runs", "postgres://ada@db/runs"],
    ["sqlite:///a:b@c/runs.db", "sqlite:///a:b@c/runs.db"],
  ];
  for (const [url, want] of addresses) assert.equal(shownAddress(url), want);
});

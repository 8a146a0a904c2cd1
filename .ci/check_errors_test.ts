import assert from "node:assert/strict";
import { checkErrors } from "./check_errors.ts";

const HELPFUL = "A sentence that is long enough | Do this, then that, and try again";

function check(...rows: string[]): string[] {
  return checkErrors(rows.join("\n"), ["FIRST", "SECOND"]).map(({ what }) => what);
}

Deno.test("checkErrors() accepts a row per code in the order of the codes", () => {
  assert.deepEqual(
    check("| code | meaning |", `| \`FIRST\` | ${HELPFUL} |`, `| \`SECOND\` | ${HELPFUL} |`),
    [],
  );
});

Deno.test("checkErrors() reports a code without a row", () => {
  assert.deepEqual(check(`| \`FIRST\` | ${HELPFUL} |`), ["has no row for SECOND"]);
});

Deno.test("checkErrors() reports a row whose code is gone, a second row and another order", () => {
  const rows = ["SECOND", "FIRST", "FIRST", "THIRD"].map((code) => `| \`${code}\` | ${HELPFUL} |`);
  assert.deepEqual(check(...rows), [
    "explains FIRST a second time",
    "explains THIRD, which is no error code",
    "lists FIRST after SECOND",
  ]);
});

Deno.test("checkErrors() reports a row that says nothing", () => {
  assert.deepEqual(check("| `FIRST` | Broken. | Fix it. |", `| \`SECOND\` | ${HELPFUL} |`), [
    "says too little about FIRST",
  ]);
});

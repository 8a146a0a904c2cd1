import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import {
  conformanceTable,
  DRIVER_CONFORMANCE,
  type DriverResults,
} from "../engine/drivers/conformance/mod.ts";
import { DRIVERS, parseDriverAddress } from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";

const PAGE = new URL("../docs/reference/drivers.md", import.meta.url);
const BEGIN = "<!-- begin: conformance -->";
const END = "<!-- end: conformance -->";

/**
 * Cases that the test of a driver leaves out although no capability is missing, with the reason. The tests of the
 * drivers run everything else, so a "yes" in the table is a test that passes.
 */
const SKIPS: { readonly [driver: string]: DriverResults["skips"] } = {};

Deno.test("docs/reference/drivers.md has the table that the drivers and the suite make", async () => {
  const drivers: DriverResults[] = [];
  for (const entry of DRIVERS) {
    if (!await isThere(entry.name)) continue;
    const { open } = await entry.load();
    await using driver = await open(parseDriverAddress(entry.name), {
      clock: systemClock,
      owner: currentOwner(),
      env: (name) => name === "PATH" ? Deno.env.get(name) : undefined,
      cwd: "/nonexistent",
      dataDir: "/nonexistent",
      onWarning: () => {},
    });
    const { capabilities, gaps } = driver;
    drivers.push({ name: entry.name, capabilities, gaps, skips: SKIPS[entry.name] ?? {} });
  }
  const table = conformanceTable(drivers, DRIVER_CONFORMANCE);

  const page = await Deno.readTextFile(PAGE);
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after = ""] = rest.split(END);
  const made = `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
  if (Deno.args.includes("--update")) await Deno.writeTextFile(PAGE, made);
  else assert.equal(page, made, "deno test -A e2e/driver_table_test.ts -- --update");
});

async function isThere(name: string): Promise<boolean> {
  const module = new URL(`../engine/drivers/${name}/mod.ts`, import.meta.url);
  return await Deno.stat(module).then(() => true, () => false);
}

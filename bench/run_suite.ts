/**
 * Measures one suite and writes its rows as JSON to stdout: what `bench/main.ts` starts, so that no
 * suite finds the heap or the compiled code of another.
 */
import type { Suite } from "./harness.ts";

const name = Deno.args[0] ?? "";
const { suite }: { suite: Suite } = await import(
  new URL(`suites/${name}.ts`, import.meta.url).href
);
const rows = await suite.measure();
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(rows)));
Deno.exit(0);

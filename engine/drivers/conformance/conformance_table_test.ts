import assert from "node:assert/strict";
import type { Capabilities } from "../capabilities.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { conformanceTable } from "./conformance_table.ts";

const ALL: Capabilities = {
  images: true,
  isolation: true,
  sandbox: true,
  limits: true,
  processLimit: true,
  privileged: true,
  user: true,
  sharedVolumes: true,
  absolutePaths: true,
  readOnlyMounts: true,
  stdin: true,
};

const CASES: readonly ConformanceCase[] = [
  { does: "runs", run: () => Promise.resolve() },
  { does: "limits", needs: "limits", run: () => Promise.resolve() },
  { does: "copies", run: () => Promise.resolve() },
];

Deno.test("conformanceTable() numbers a reason for every gap, and names it where a case needs it", () => {
  const text = conformanceTable([
    { name: "full", capabilities: ALL, gaps: {}, skips: {} },
    {
      name: "bare",
      capabilities: { ...ALL, limits: false },
      gaps: { limits: "nobody counts", user: "as root" },
      skips: { copies: "too slow" },
    },
  ], CASES);
  assert.match(text, /\| `limits` are enforced +\| yes +\| no \(1\) +\|/);
  assert.match(text, /\| `user` is obeyed +\| yes +\| partly \(2\) +\|/);
  assert.match(text, /\| 1 +\| `bare` +\| `limits` are enforced +\| nobody counts +\|/);
  assert.match(text, /\| 3 +\| `bare` +\| copies +\| too slow +\|/);
  assert.match(text, /\| runs +\| yes +\| yes +\|/);
  assert.match(text, /\| limits +\| yes +\| no \(1\) +\|/);
  assert.match(text, /\| copies +\| yes +\| no \(3\) +\|/);
});

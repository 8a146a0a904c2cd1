import assert from "node:assert/strict";
import { modulePathFlaw } from "./module_path.ts";

Deno.test("modulePathFlaw() accepts relative modules inside the folder", () => {
  const good = [
    "./a.ts",
    "a.ts",
    "nodes/a.mts",
    "./x/../a.js",
    "a.b.tsx",
    "./deep/er/a.mjs",
    "ü/ä.ts",
  ];
  for (const text of good) assert.equal(modulePathFlaw(text), undefined, text);
});

Deno.test("modulePathFlaw() refuses what leaves the folder or is no module", () => {
  const bad: [string, string, string][] = [
    ["", "SPEC_VALUE", "./nodes/fetch.ts"],
    ["../a.ts", "PATH_ESCAPE", "./nodes/a.ts"],
    ["./x/../../a.ts", "PATH_ESCAPE", "./nodes/a.ts"],
    ["/etc/a.ts", "PATH_ESCAPE", "./nodes/a.ts"],
    ["~/a.ts", "PATH_ESCAPE", "./nodes/a.ts"],
    ["https://a.example/a.ts", "SPEC_VALUE", "./nodes/a.ts"],
    ["npm:chalk", "SPEC_VALUE", "./nodes/fetch.ts"],
    ["nodes\\a.ts", "SPEC_VALUE", "./nodes/a.ts"],
    ["C:\\nodes\\a.ts", "SPEC_VALUE", "./nodes/a.ts"],
    ["a.ts?x", "SPEC_VALUE", "./nodes/a.ts"],
    ["a%2e.ts", "SPEC_VALUE", "./nodes/fetch.ts"],
    ["a\n.ts", "SPEC_VALUE", "./nodes/fetch.ts"],
    ["./nodes/a", "SPEC_VALUE", "./nodes/a.ts"],
    ["./nodes/a.py", "SPEC_VALUE", "./nodes/a.ts"],
    ["./nodes/", "SPEC_VALUE", "./nodes/mod.ts"],
    ["./nodes/.ts", "SPEC_VALUE", "./nodes/mod.ts"],
    [".", "SPEC_VALUE", "mod.ts"],
  ];
  for (const [text, code, write] of bad) {
    const flaw = modulePathFlaw(text);
    assert.equal(flaw?.code, code, text);
    assert.deepEqual(flaw?.fix, { write }, text);
  }
});

import assert from "node:assert/strict";
import { formatBytes, parseBytes } from "./bytes.ts";

Deno.test("parseBytes() reads sizes as Kubernetes writes them and nothing else", () => {
  const cases: [string, number | undefined][] = [
    ["0", 0],
    ["1023", 1023],
    ["1K", 1_000],
    ["1Ki", 1_024],
    ["16Mi", 16 * 1024 ** 2],
    ["1.5Gi", 1.5 * 1024 ** 3],
    ["300M", 300_000_000],
    ["2G", 2_000_000_000],
    ["0.1K", 100],
    ["", undefined],
    ["Mi", undefined],
    ["-1", undefined],
    ["1k", undefined],
    ["1MB", undefined],
    ["1 Mi", undefined],
    ["1e3", undefined],
    ["999999999999999Gi", undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(parseBytes(text), bytes, JSON.stringify(text));
});

Deno.test("formatBytes() writes exact sizes exactly and others with one decimal", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [1_023, "1023"],
    [1_024, "1Ki"],
    [100_000, "100K"],
    [16 * 1024 ** 2, "16Mi"],
    [512 * 1024 ** 2, "512Mi"],
    [2_000_000_000, "2G"],
    [1_500_001, "1.4Mi"],
    [1_025, "1Ki"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

import assert from "node:assert/strict";
import { readAddress } from "./address.ts";
import { readFailure } from "./failure.ts";

const address = readAddress("postgres://clerk:hush@db/runs", () => undefined);

Deno.test("readFailure() tells what may pass, what may have been done, and what stays", () => {
  const rows: [string, string, { passing: boolean; doubtful: boolean }][] = [
    ["ECONNREFUSED", "STORAGE_UNAVAILABLE", { passing: true, doubtful: false }],
    ["57P03", "STORAGE_UNAVAILABLE", { passing: true, doubtful: false }],
    ["40P01", "STORAGE_UNAVAILABLE", { passing: true, doubtful: false }],
    ["CONNECTION_CLOSED", "STORAGE_UNAVAILABLE", { passing: true, doubtful: true }],
    ["57P01", "STORAGE_UNAVAILABLE", { passing: true, doubtful: true }],
    ["08006", "STORAGE_UNAVAILABLE", { passing: true, doubtful: true }],
    ["53100", "STORAGE_UNAVAILABLE", { passing: false, doubtful: false }],
    ["28P01", "STORAGE_INVALID", { passing: false, doubtful: false }],
    ["CERT_HAS_EXPIRED", "STORAGE_INVALID", { passing: false, doubtful: false }],
    ["3D000", "STORAGE_INVALID", { passing: false, doubtful: false }],
    ["42501", "STORAGE_INVALID", { passing: false, doubtful: false }],
    ["42P01", "STORAGE_DAMAGED", { passing: false, doubtful: false }],
    ["XX001", "STORAGE_DAMAGED", { passing: false, doubtful: false }],
    ["99999", "STORAGE_UNAVAILABLE", { passing: false, doubtful: false }],
  ];
  for (const [code, want, { passing, doubtful }] of rows) {
    const cause = Object.assign(new Error("what the server says"), { code });
    const { error, isPassing, isDoubtful } = readFailure(cause, address);
    assert.deepEqual([error.code, isPassing, isDoubtful], [want, passing, doubtful], code);
    assert.match(error.message, /^Cannot .*"postgres:\/\/db:5432\/runs"/, code);
    assert.ok((error.fix ?? "").length > 5, code);
    assert.ok(!`${error.message}${error.fix}`.includes("hush"), code);
  }
});

import assert from "node:assert/strict";
import type { CodeNodeSpec } from "../spec/mod.ts";
import { hostFlags } from "./host_flags.ts";
import { rightsKey, rightsOf } from "./rights.ts";

const PLACES = {
  workflowDir: "/w",
  configPath: "/run/deno.json",
  socketPath: "/run/s",
  secretPaths: ["/w/.secrets"],
  enginePaths: ["/run/other"],
  keptPaths: [],
};

const CASES: readonly {
  name: string;
  permissions: CodeNodeSpec["permissions"];
  flags: string[];
}[] = [
  {
    name: "without a permissions block",
    permissions: undefined,
    flags: ["--allow-net", "--allow-read=/w,/run/s", "--allow-write=/tmp,/run/s"],
  },
  {
    name: "with an empty permissions block",
    permissions: { net: undefined, read: undefined, write: undefined, secrets: undefined },
    flags: ["--allow-net=unix:/run/s", "--allow-read=/w,/run/s", "--allow-write=/run/s"],
  },
  {
    name: "with hosts and paths",
    permissions: {
      net: ["b.example", "a.example:8080"],
      read: ["data", "/abs"],
      write: ["out"],
      secrets: [],
    },
    flags: [
      "--allow-net=a.example:8080,b.example,unix:/run/s",
      "--allow-read=/w,/abs,/w/data,/run/s",
      "--allow-write=/w/out,/run/s",
    ],
  },
  {
    name: "with any host",
    permissions: { net: ["*"], read: undefined, write: undefined, secrets: undefined },
    flags: ["--allow-net", "--allow-read=/w,/run/s", "--allow-write=/run/s"],
  },
];

for (const { name, permissions, flags } of CASES) {
  Deno.test(`a node ${name} gets exactly these flags`, () => {
    const rights = rightsOf(spec(permissions), { workflowDir: "/w", secrets: {}, isClosed: false });
    assert.deepEqual(hostFlags(rights, PLACES), [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-remote",
      "--cached-only",
      "--no-lock",
      "--ignore-env",
      "--config=/run/deno.json",
      ...flags,
      "--deny-read=/w/.secrets",
      "--deny-write=/w/.secrets",
      "--v8-flags=--max-old-space-size=448",
    ]);
  });
}

Deno.test("a closed workflow has no network, whatever its nodes ask for", () => {
  const rights = rightsOf(spec(undefined), { workflowDir: "/w", secrets: {}, isClosed: true });
  assert.ok(hostFlags(rights, PLACES).includes("--allow-net=unix:/run/s"));
});

Deno.test("rights are equal whatever their order, and differ by secret value and memory", () => {
  const of = (net: string[], token: string, memoryBytes: number) =>
    rightsKey(
      rightsOf({
        ...spec({ net, read: undefined, write: undefined, secrets: undefined }),
        memoryBytes,
      }, {
        workflowDir: "/w",
        secrets: { a: { token } },
        isClosed: false,
      }),
    );
  assert.equal(of(["a", "b"], "x", 1), of(["b", "a"], "x", 1));
  assert.notEqual(of(["a"], "x", 1), of(["a"], "y", 1));
  assert.notEqual(of(["a"], "x", 1), of(["a"], "x", 2));
});

Deno.test("a path with a comma is refused, as the runtime would read two", () => {
  const rights = rightsOf(
    spec({ net: undefined, read: ["a,b"], write: undefined, secrets: undefined }),
    { workflowDir: "/w", secrets: {}, isClosed: false },
  );
  assert.throws(() => hostFlags(rights, PLACES), { code: "SPEC_VALUE" });
});

function spec(permissions: CodeNodeSpec["permissions"]): CodeNodeSpec {
  return {
    kind: "code",
    id: "it",
    description: undefined,
    timeoutMs: 1,
    retry: { maxAttempts: 1, initialIntervalMs: 1, backoff: 1, maxIntervalMs: 1, jitter: false },
    allowFailure: false,
    onLost: "retry",
    config: {},
    path: "it.ts",
    permissions,
    isolation: "process",
    memoryBytes: 512 * 1024 * 1024,
    container: undefined,
  };
}

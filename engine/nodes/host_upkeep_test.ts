import assert from "node:assert/strict";
import type { HostExit } from "./host_process.ts";
import { killOverdue, type WatchedHost } from "./host_upkeep.ts";
import { PooledCall } from "./pooled_call.ts";

const NOW_MS = 100_000;

/** A host that is ready and had something to do `quietMs` ago, and what it was killed with. */
function fakeHost(
  quietMs: number,
  differs: Partial<WatchedHost> = {},
): WatchedHost & { readonly killed: (HostExit | undefined)[] } {
  const killed: (HostExit | undefined)[] = [];
  return {
    begun: new Map(),
    waiting: undefined,
    isIdle: differs.waiting === undefined && (differs.begun?.size ?? 0) === 0,
    isReady: true,
    isOpen: true,
    isDying: false,
    lastUsedAt: NOW_MS - quietMs,
    kill: (exit) => void killed.push(exit),
    killed,
    ...differs,
  };
}

function call(): PooledCall {
  return new PooledCall(1, {} as PooledCall["call"], {});
}

const CASES: readonly {
  readonly what: string;
  readonly hosts: () => ReturnType<typeof fakeHost>[];
  /** What each host is killed with. */
  readonly want: readonly (HostExit | "idle" | undefined)[];
  readonly lastIdleMs?: number;
}[] = [
  { what: "the only host stays, idle or not", hosts: () => [fakeHost(99_000)], want: [undefined] },
  {
    what: "the only host of a pool on demand goes after its time",
    lastIdleMs: 60_000,
    hosts: () => [fakeHost(61_000)],
    want: ["idle"],
  },
  {
    what: "the only host of a pool on demand stays for its time",
    lastIdleMs: 60_000,
    hosts: () => [fakeHost(59_000)],
    want: [undefined],
  },
  {
    what: "the only host of a pool on demand stays while it works",
    lastIdleMs: 60_000,
    hosts: () => [fakeHost(99_000, { begun: new Map([[1, call()]]) })],
    want: [undefined],
  },
  {
    what: "one idle host of several is closed",
    hosts: () => [fakeHost(0), fakeHost(11_000)],
    want: [undefined, "idle"],
  },
  {
    what: "an idle host stays when the others are dying",
    hosts: () => [fakeHost(11_000), fakeHost(0, { isDying: true })],
    want: [undefined, undefined],
  },
  {
    what: "an idle host stays until another can take its calls",
    hosts: () => [fakeHost(11_000), fakeHost(0, { isReady: false, isOpen: false })],
    want: [undefined, undefined],
  },
  {
    what: "a host that takes long to start is not idle",
    hosts: () => [fakeHost(0), fakeHost(0), fakeHost(20_000, { isReady: false, isOpen: false })],
    want: [undefined, undefined, undefined],
  },
  {
    what: "a host that is not ready in time is stuck",
    hosts: () => [fakeHost(31_000, { isReady: false })],
    want: [{ kind: "crashed", state: "it was not ready in time" }],
  },
  {
    what: "a host that does not begin its only call is stuck",
    hosts: () => [fakeHost(3_000, { waiting: call() })],
    want: [{ kind: "crashed", state: "it hung" }],
  },
  {
    what: "a host whose call keeps it busy is not stuck",
    hosts: () => [fakeHost(3_000, { waiting: call(), begun: new Map([[1, call()]]) })],
    want: [undefined],
  },
];

for (const { what, hosts, want, lastIdleMs = Infinity } of CASES) {
  Deno.test(`upkeep of hosts: ${what}`, () => {
    const watched = hosts();
    killOverdue(new Set(watched), { nowMs: NOW_MS, lastIdleMs });
    const killed = watched.map(({ killed }) =>
      killed.length === 0 ? undefined : killed[0] ?? "idle"
    );
    assert.deepEqual(killed, want);
  });
}

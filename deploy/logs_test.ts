import assert from "node:assert/strict";
import { FakeClock } from "../engine/clock/mod.ts";
import { type ApiClient, type ApiRequest, KubernetesError } from "../engine/kubernetes/mod.ts";
import { followLogs } from "./logs.ts";

/** A pod whose log ends twice and goes on; asked again it repeats its last second, as a kubelet does. */
const PARTS = [
  "2026-11-20T22:51:49.04Z one\n2026-11-20T22:51:49.5Z two\n",
  "2026-11-20T22:51:49.5Z two\n2026-11-20T22:51:49.500000001Z three\n",
  "2026-11-20T22:51:49.500000001Z three\n2026-11-20T22:51:51Z four\n",
];

Deno.test("followLogs() goes on when a container starts anew, and no line comes twice", async () => {
  const clock = new FakeClock();
  const ends = new AbortController();
  const asked: (string | undefined)[] = [];
  const client = {
    ask: () => Promise.resolve({ items: [{ metadata: { name: "hello-1" } }] }),
    open({ query }: ApiRequest) {
      const since = query?.["sinceTime"];
      asked.push(typeof since === "string" ? since : undefined);
      return Promise.resolve(new Response(PARTS[asked.length - 1] ?? ""));
    },
  } as unknown as ApiClient;
  const lines: string[] = [];
  const following = followLogs({ client, namespace: "n", clock, signal: ends.signal }, "hello", {
    request: { tail: 100, sinceSeconds: undefined },
    write: ({ pod, text }) => void lines.push(`${pod} ${text}`),
  });
  for (let look = 0; look < 4; look++) await clock.advance(1_000);
  ends.abort();
  await clock.advance(1_000);
  await following;
  assert.deepEqual(lines, ["hello-1 one", "hello-1 two", "hello-1 three", "hello-1 four"]);
  assert.deepEqual(asked.slice(0, 3), [
    undefined,
    "2026-11-20T22:51:49.5Z",
    "2026-11-20T22:51:49.500000001Z",
  ]);
});

Deno.test("followLogs() goes on where it was when the API server goes away and comes back", async () => {
  const clock = new FakeClock();
  const ends = new AbortController();
  let opens = 0;
  let isDown = false;
  const answer = <T>(value: () => T): Promise<T> =>
    isDown
      ? Promise.reject(new KubernetesError("KUBERNETES_UNAVAILABLE", "refused"))
      : Promise.resolve(value());
  const client = {
    ask: () => answer(() => ({ items: [{ metadata: { name: "hello-1" } }] })),
    open: () => answer(() => new Response(opens++ === 0 ? brokenOff() : PARTS[1] ?? "")),
  } as unknown as ApiClient;
  const brokenOff = () => {
    const parts = [new TextEncoder().encode(`${PARTS[0]}2026-11-20T22:51:49.500000001Z thr`)];
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part !== undefined) return controller.enqueue(part);
        isDown = true;
        controller.error(new TypeError("error reading a body from connection"));
      },
    });
  };
  const lines: string[] = [];
  const following = followLogs({ client, namespace: "n", clock, signal: ends.signal }, "hello", {
    request: { tail: 100, sinceSeconds: undefined },
    write: ({ text }) => void lines.push(text),
  });
  for (let look = 0; look < 3; look++) await clock.advance(1_000);
  assert.equal(isDown, true);
  isDown = false;
  for (let look = 0; look < 3; look++) await clock.advance(1_000);
  ends.abort();
  await clock.advance(1_000);
  await following;
  assert.deepEqual(lines, ["one", "two", "three"]);
});

import assert from "node:assert/strict";
import type { ApiClient } from "./client.ts";
import { KubernetesError } from "./kubernetes_error.ts";
import { watch } from "./watch.ts";

interface Recorded {
  readonly note: string;
  readonly lines?: readonly string[];
}

async function recorded(note: string): Promise<string> {
  const url = new URL("testdata/watch_ends.json", import.meta.url);
  const { exchanges } = JSON.parse(await Deno.readTextFile(url)) as {
    readonly exchanges: readonly Recorded[];
  };
  const found = exchanges.find((one) => one.note.startsWith(note));
  assert.ok(found !== undefined);
  return (found.lines ?? []).map((line) => `${line}\n`).join("");
}

function clientOf(body: string): ApiClient {
  return { open: () => Promise.resolve(new Response(body)) } as unknown as ApiClient;
}

Deno.test("watch() of a version that is too old throws with status 410, though the answer was 200", async () => {
  const client = clientOf(await recorded("resourceVersion too old"));
  await assert.rejects(Array.fromAsync(watch(client, { path: "/pods" })), (error) => {
    assert.ok(error instanceof KubernetesError);
    assert.equal(error.status, 410);
    assert.equal(error.reason, "Expired");
    return true;
  });
});

Deno.test("watch() ends when the server ends it, with what came before", async () => {
  const ended = clientOf(await recorded("server ends the watch"));
  assert.deepEqual(await Array.fromAsync(watch(ended, { path: "/pods" })), []);
  const event = { type: "ADDED", object: { metadata: { name: "a" } } };
  const one = clientOf(`${JSON.stringify(event)}\n`);
  assert.deepEqual(await Array.fromAsync(watch(one, { path: "/pods" })), [event]);
});

import assert from "node:assert/strict";
import { socketPaths, SocketPlaces } from "./socket_places.ts";

Deno.test("socketPaths() names every path that hosts of so many rights can have", () => {
  const paths = socketPaths("/tmp/pd", 2);
  assert.equal(paths.length, 8);
  assert.equal(paths[0], "/tmp/pd/1/1");
  assert.equal(paths.at(-1), "/tmp/pd/2/4");
});

Deno.test("SocketPlaces takes each folder once until it is removed, and clears what an engine left", async () => {
  const temp = await Deno.makeTempDir();
  try {
    const base = `${temp}/pd`;
    const before = await SocketPlaces.open(base, 2);
    await before.take();
    const places = await SocketPlaces.open(base, 2);
    const first = await places.take();
    assert.equal(first, `${base}/1`);
    assert.equal(((await Deno.stat(first)).mode ?? 0) & 0o777, 0o700);
    assert.equal(await places.take(), `${base}/2`);
    await assert.rejects(places.take(), /all 2 folders/);
    await Deno.remove(first);
    assert.equal(await places.take(), first);
  } finally {
    await Deno.remove(temp, { recursive: true });
  }
});

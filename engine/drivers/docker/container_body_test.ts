import assert from "node:assert/strict";
import type { Limits } from "../driver.ts";
import { containerBody } from "./container_body.ts";

function pidsOf(limits: Limits): number {
  const body = containerBody({
    runId: "r",
    name: "step",
    image: "box:1",
    pull: "missing",
    env: {},
    workDir: undefined,
    user: undefined,
    mounts: [],
    limits,
    privileged: false,
  }, { labels: {}, command: ["true"], hasStdin: false });
  return (body as { HostConfig: { PidsLimit: number } }).HostConfig.PidsLimit;
}

Deno.test("containerBody() limits the processes of every container, and as asked where that is asked", () => {
  assert.equal(pidsOf({}), 2048);
  assert.equal(pidsOf({ pids: 8 }), 8);
});

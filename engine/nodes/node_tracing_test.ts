import assert from "node:assert/strict";
import type { FetchRecord } from "../context/mod.ts";
import { TestWorkflow } from "./_test_workflow.ts";
import type { NodeTracing } from "./node_tracing.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const SOURCE = `export default async (ctx) => {
  await (await ctx.fetch("api", "/items?token=canary")).text();
  return "done";
};`;

for (const isolation of ["process", "none"] as const) {
  Deno.test(`requests of a node with isolation ${isolation} are part of its attempt's trace`, async () => {
    const seen: (string | null)[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ headers }) => {
      seen.push(headers.get("traceparent"));
      return new Response("no", { status: 418 });
    });
    const url = `http://127.0.0.1:${server.addr.port}`;
    const told: [string, FetchRecord][] = [];
    let traceparent: string | undefined = TRACEPARENT;
    const tracing: NodeTracing = {
      headersOf: () => traceparent === undefined ? undefined : { traceparent },
      onFetch: ({ node, run, attempt }, fetch) =>
        told.push([`${run.id} ${node.id} ${attempt}`, fetch]),
    };
    {
      await using workflow = await TestWorkflow.open({
        nodes: { it: { source: SOURCE, isolation } },
        services: { api: { url } },
        tracing,
      });
      assert.equal(await workflow.output("it"), "done");
      traceparent = undefined;
      assert.equal(await workflow.output("it"), "done");
    }
    await server.shutdown();
    assert.deepEqual(seen, [TRACEPARENT, null]);
    assert.deepEqual(
      told.map(([place, { service, method, url, status }]) => [
        place,
        service,
        method,
        url,
        status,
      ]),
      [["run-1 it 1", "api", "GET", `${url}/items`, 418]],
    );
  });
}

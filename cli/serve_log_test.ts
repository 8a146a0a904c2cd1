import assert from "node:assert/strict";
import type { Workflow } from "../engine/workflow/mod.ts";
import { logReport } from "./serve_log.ts";

Deno.test("pd dev --log json is one object a line, whatever there is to tell", () => {
  let text = "";
  const workflow = {
    current: { spec: { name: "hn" } },
    redact: (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll("canary", "***")),
  } as unknown as Workflow;
  let opened: Workflow | undefined = undefined;
  const report = logReport({
    write: (more) => text += more,
    workflow: () => opened,
    traceIdOf: () => "4bf9",
  });
  report.warning("before it is open");
  opened = workflow;
  report.welcome({ name: "hn", url: "http://127.0.0.1:1", isWatching: true });
  report.trigger({ level: "error", message: "no canary", fields: { fix: "canary" } });
  report.reload({ status: "reloaded", version: 2, changed: ["a.ts"] });
  report.reload({ status: "failed", error: new Error("broken"), changed: ["a.ts"] });
  report.event({
    runId: "r",
    seq: 1,
    at: 0,
    kind: "log",
    node: "fetch",
    attempt: 1,
    level: "info",
    message: "hi",
  });
  report.stopping();
  report.flush();
  const lines = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ time, ...line }) => [typeof time, line]), [
    ["string", { level: "warn", message: "before it is open" }],
    ["string", {
      level: "info",
      message: "listening on http://127.0.0.1:1",
      workflow: "hn",
      url: "http://127.0.0.1:1",
    }],
    ["string", { level: "error", message: "no ***", workflow: "hn", fix: "***" }],
    ["string", {
      level: "info",
      message: "reloaded",
      workflow: "hn",
      changed: ["a.ts"],
      generation: 2,
    }],
    ["string", {
      level: "error",
      message: "the old version goes on: broken",
      workflow: "hn",
      changed: ["a.ts"],
    }],
    ["string", {
      level: "info",
      message: "hi",
      workflow: "hn",
      runId: "r",
      trace_id: "4bf9",
      node: "fetch",
      attempt: 1,
    }],
    ["string", { level: "info", message: "stopping", workflow: "hn" }],
  ]);
});

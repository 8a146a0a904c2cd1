import assert from "node:assert/strict";
import { headers as createHeaders } from "@nats-io/transport-node";
import type { QueueTriggerSpec } from "../../spec/mod.ts";
import { toDeadLetterHeaders } from "./dead_letter.ts";
import { deadLetterPlaces } from "./dead_letter_subject.ts";
import { durableName } from "./queue_trigger_name.ts";

const SPEC: QueueTriggerSpec = {
  type: "queue",
  name: undefined,
  subjects: ["orders.created", "orders.*", "refunds.>"],
  queueGroup: undefined,
  stream: "ORDERS",
  durable: undefined,
  maxDeliver: 5,
  deadLetter: undefined,
  maxInFlight: 16,
  rateLimit: undefined,
};

Deno.test("deadLetterPlaces() names a subject without wildcards for each subject of a trigger", () => {
  assert.deepEqual(deadLetterPlaces(SPEC).map(({ deadLetter }) => deadLetter), [
    "orders.created.dlq",
    "orders.any.dlq",
    "refunds.all.dlq",
  ]);
  const own = deadLetterPlaces({ ...SPEC, deadLetter: "graveyard", name: "orders" });
  assert.deepEqual(own[1], { trigger: "orders", subject: "orders.*", deadLetter: "graveyard" });
  assert.deepEqual(deadLetterPlaces({ ...SPEC, stream: undefined }), []);
});

Deno.test("durableName() is the trigger's own, its group's, or one that stays the same", () => {
  assert.equal(durableName({ ...SPEC, durable: "worker" }, "shop"), "worker");
  assert.equal(durableName({ ...SPEC, queueGroup: "group" }, "shop"), "group");
  assert.equal(durableName(SPEC, "shop"), "shop-orders-created-orders-any-refunds-all");
});

Deno.test("toDeadLetterHeaders() keeps the sender's headers, and drops what steers the server", () => {
  const headers = createHeaders();
  headers.set("Order-Kind", "gift");
  headers.set("Nats-Msg-Id", "order-1");
  headers.set("Nats-Expected-Stream", "ORDERS");
  headers.set("Pd-Error-Code", "OF_BEFORE");
  const made = toDeadLetterHeaders({
    subject: "orders.created",
    data: new Uint8Array(),
    headers,
    ackSubject: "",
    stream: "ORDERS",
    deliveries: 6,
    sequence: 42,
    timestampNs: "1790000000123456789",
  }, {
    error: { code: "NODE_FAILED", message: `line one\r\nPd-Run-Id: forged ${"x".repeat(5_000)}` },
    workflow: "shop",
    trigger: "orders",
    runId: undefined,
    attempts: 5,
    at: 1_790_000_060_000,
  });
  const entries = Object.fromEntries([...made].map(([name, values]) => [name, values.join()]));
  assert.ok((entries["Pd-Error"] ?? "").length <= 1_000);
  assert.match(entries["Pd-Error"] ?? "", /^line one Pd-Run-Id: forged x/);
  delete entries["Pd-Error"];
  assert.deepEqual(entries, {
    "Order-Kind": "gift",
    "Pd-Error-Code": "NODE_FAILED",
    "Pd-Subject": "orders.created",
    "Pd-Stream": "ORDERS",
    "Pd-Sequence": "42",
    "Pd-Msg-Id": "order-1",
    "Pd-Deliveries": "6",
    "Pd-Attempts": "5",
    "Pd-First-Seen": "2026-09-21T14:13:20.123Z",
    "Pd-Failed-At": "2026-09-21T14:14:20.000Z",
    "Pd-Workflow": "shop",
    "Pd-Trigger": "orders",
  });
});

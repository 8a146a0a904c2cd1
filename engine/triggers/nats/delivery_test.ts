import assert from "node:assert/strict";
import type { Msg } from "@nats-io/transport-node";
import { readDelivery, storedAt, toAck } from "./delivery.ts";
import { nakDelayMs } from "./message_handler.ts";

function message(reply: string | undefined): Msg {
  return { subject: "orders", data: new Uint8Array(), headers: undefined, reply } as unknown as Msg;
}

const REPLIES = {
  "a server of today": "$JS.ACK.ORDERS.worker.3.42.50.1790000000123456789.7",
  "a server with domains": "$JS.ACK.hub.ACCOUNT.ORDERS.worker.3.42.50.1790000000123456789.7.xyz",
};

for (const [name, reply] of Object.entries(REPLIES)) {
  Deno.test(`readDelivery() reads where a message of ${name} comes from`, () => {
    const delivery = readDelivery(message(reply));
    assert.ok(delivery !== undefined);
    const { stream, deliveries, sequence, ackSubject } = delivery;
    assert.deepEqual({ stream, deliveries, sequence, ackSubject }, {
      stream: "ORDERS",
      deliveries: 3,
      sequence: 42,
      ackSubject: reply,
    });
    assert.equal(storedAt(delivery), 1_790_000_000_123);
  });
}

Deno.test("readDelivery() leaves alone what JetStream has not sent", () => {
  assert.equal(readDelivery(message("_INBOX.x")), undefined);
  assert.equal(readDelivery(message(undefined)), undefined);
});

Deno.test("toAck() says what became of a message in the server's words", () => {
  assert.equal(toAck({ kind: "ack" }), "+ACK");
  assert.equal(toAck({ kind: "term" }), "+TERM");
  assert.equal(toAck({ kind: "later", delayMs: 0 }), "-NAK");
  assert.equal(toAck({ kind: "later", delayMs: 1_500 }), '-NAK {"delay":1500000000}');
});

Deno.test("nakDelayMs() doubles with each failure, up to a minute", () => {
  assert.deepEqual([1, 2, 3, 7, 100].map(nakDelayMs), [1_000, 2_000, 4_000, 60_000, 60_000]);
});

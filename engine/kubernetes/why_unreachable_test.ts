import assert from "node:assert/strict";
import { whyUnreachable } from "./why_unreachable.ts";

/** As a request throws it when the API server (v1.34) is killed while it works. */
const KILLED = new TypeError("error sending request for url (https://127.0.0.1:6443/apis)", {
  cause: new Error("client error (SendRequest)", {
    cause: new Error("connection error", {
      cause: new Error(
        "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof",
      ),
    }),
  }),
});

Deno.test("whyUnreachable() says in few words that the server went away, and what else keeps it from answering", () => {
  assert.equal(whyUnreachable(KILLED), "it closed the connection");
  assert.equal(
    whyUnreachable(new Error("tcp connect error: Connection refused (os error 111)")),
    "nobody answers there: connection refused",
  );
  assert.equal(whyUnreachable(new Error("cut short")), "the connection broke: cut short");
});

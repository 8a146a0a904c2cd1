import assert from "node:assert/strict";
import { CodedError } from "../engine/errors/mod.ts";
import { fakeIo } from "./fake_io.ts";
import { reportError } from "./report_error.ts";

Deno.test("reportError() says code, message and fix, and exits with 1", async () => {
  const io = fakeIo();
  const error = new CodedError("TOOL_MISSING", "Cannot draw", { fix: "one\ntwo" });
  assert.equal(await reportError(error, [], io), 1);
  assert.equal(io.written.stderr, "error TOOL_MISSING Cannot draw\nfix: one\n     two\n");
});

Deno.test("reportError() shows causes with -v", async () => {
  const io = fakeIo();
  const error = new CodedError("TOOL_MISSING", "Cannot draw", { cause: new Error("the reason") });
  await reportError(error, ["-v"], io);
  assert.match(io.written.stderr, /caused by Error: the reason/);
});

Deno.test("reportError() calls what is no error of ours INTERNAL", async () => {
  const io = fakeIo();
  assert.equal(await reportError(new TypeError("x is undefined"), ["-o", "json"], io), 1);
  assert.equal(JSON.parse(io.written.stdout).error.code, "INTERNAL");
  const text = fakeIo();
  assert.equal(await reportError("a string", [], text), 1);
  assert.match(text.written.stderr, /^error INTERNAL .*a string/);
});

Deno.test("reportError() exits with 130 for what Ctrl-C aborted", async () => {
  const io = fakeIo();
  assert.equal(
    await reportError(new DOMException("The process got SIGINT", "AbortError"), [], io),
    130,
  );
});

Deno.test("reportError() says which file the system refused, and calls that no fault of pd", async () => {
  const io = fakeIo();
  const error = await Deno.writeTextFile("/no/such/folder/x", "").catch((error) => error);
  assert.equal(await reportError(error, [], io), 1);
  assert.match(io.written.stderr, /^error FILE_REFUSED Cannot write "\/no\/such\/folder\/x"/);
});

Deno.test("reportError() takes the runtime's colours out of a message", async () => {
  const io = fakeIo();
  await reportError(new TypeError("not found \x1b[36mfile:///x\x1b[0m"), [], io);
  assert.match(io.written.stderr, /not found file:\/\/\/x\n/);
});

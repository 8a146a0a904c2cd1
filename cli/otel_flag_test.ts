import assert from "node:assert/strict";
import { fakeIo } from "./fake_io.ts";
import { checkOtel } from "./otel_flag.ts";
import { runCli } from "./run_cli.ts";

Deno.test("checkOtel() is content when nobody asks, or the runtime has telemetry", () => {
  const command = "pd run .";
  checkOtel(undefined, { env: () => undefined, command });
  checkOtel(true, { env: (name) => name === "OTEL_DENO" ? "true" : undefined, command });
});

Deno.test("--otel without the launcher says what to set, before anything runs", async () => {
  for (
    const args of [["run", "."], ["dev", "."], ["runs", "resume"], ["runs", "retry", "latest"]]
  ) {
    const io = fakeIo();
    assert.equal(await runCli([...args, "--otel"], io), 2);
    assert.match(io.written.stderr, /^error USAGE Cannot use --otel as the runtime runs without/);
    assert.match(io.written.stderr, new RegExp(`OTEL_DENO=true .* pd ${args.join(" ")}\n`));
  }
});

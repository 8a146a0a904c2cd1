import assert from "node:assert/strict";
import { readListenAddress } from "./read_listen_address.ts";

const READ = [
  ["127.0.0.1:9009", "127.0.0.1", 9009],
  ["localhost:0", "localhost", 0],
  [":9009", "0.0.0.0", 9009],
  ["[::1]:80", "[::1]", 80],
  ["pd.example:65535", "pd.example", 65535],
] as const;

for (const [text, host, port] of READ) {
  Deno.test(`--address ${text} is port ${port} of ${host}`, () => {
    assert.deepEqual(readListenAddress(text), { host, port });
  });
}

for (const text of ["", "9009", "localhost", "a:b", "::1:80", "a:65536", "http://a:1", "a b:1"]) {
  Deno.test(`--address "${text}" is refused`, () => {
    assert.throws(() => readListenAddress(text), { code: "USAGE" });
  });
}

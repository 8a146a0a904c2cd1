import assert from "node:assert/strict";
import { systemFailure } from "./system_failure.ts";

Deno.test("systemFailure() names the file that cannot be written, and makes its folder", async () => {
  const error = await Deno.writeTextFile("/no/such/folder/x.svg", "").catch((error) => error);
  assert.deepEqual(systemFailure(error), {
    message:
      'Cannot write "/no/such/folder/x.svg" as the system refuses: No such file or directory',
    fix: 'mkdir -p "/no/such/folder"',
  });
});

Deno.test("systemFailure() tells a full disk and a missing right apart", () => {
  const full = Object.assign(
    new Error("No space left on device (os error 28): writefile '/a/b'"),
    { code: "ENOSPC" },
  );
  assert.match(systemFailure(full)?.fix ?? "", /^df -h "\/a"/);
  const denied = Object.assign(
    new Error("Permission denied (os error 13): mkdir '/a/b'"),
    { code: "EACCES" },
  );
  assert.match(systemFailure(denied)?.message ?? "", /^Cannot create "\/a\/b"/);
  assert.match(systemFailure(denied)?.fix ?? "", /^ls -ld "\/a"/);
});

Deno.test("systemFailure() leaves other errors alone", () => {
  assert.equal(systemFailure(new TypeError("x is undefined")), undefined);
  assert.equal(systemFailure("a string"), undefined);
});

import assert from "node:assert/strict";
import { checkGitUrl } from "./check_git_url.ts";

for (
  const url of [
    "https://example.com/team/app.git",
    "ssh://git@example.com:2222/app.git",
    "git://example.com/app.git",
    "file:///srv/git/app.git",
    "git@example.com:team/app.git",
    "example.com:app.git",
    "/srv/git/app.git",
  ]
) {
  Deno.test(`${url} is the address of a repository`, () => checkGitUrl(url));
}

for (
  const url of [
    "",
    "ext::sh -c id",
    "ext::id",
    "fd::17",
    "-oProxyCommand=id",
    "--upload-pack=id",
    "ssh://-oProxyCommand=id/x",
    "ssh://%2doProxyCommand=id/x",
    "ssh://%zz@-x/y",
    "-host:app.git",
    "http://example.com/app.git",
    "ftp://example.com/app.git",
    "javascript://x",
    "https://ann:secret@example.com/app.git",
    "https://secret@example.com/app.git",
    "git://secret@example.com/app.git",
    "ssh://ann:secret@example.com/app.git",
    "file://host/app.git",
    "../app.git",
    "app.git",
    "https://example.com/a b",
    "https://example.com/a\nb",
    "/srv/a\0b",
    "https://",
  ]
) {
  Deno.test(`${JSON.stringify(url)} is not`, () => {
    assert.throws(() => checkGitUrl(url), (error: Error & { code?: string }) => {
      assert.equal(error.code, "GIT_URL_INVALID");
      assert.equal(error.message.includes("secret"), false);
      return true;
    });
  });
}

import assert from "node:assert/strict";
import { hookScript } from "./hook_script.ts";

Deno.test("the hook is a script of a POSIX shell without a token, whatever its values are", async () => {
  const script = hookScript({
    repository: "app",
    server: "https://pd.example/it's",
    tokenFile: 'a "$(id)" `b`',
  });
  const { success } = await new Deno.Command("sh", {
    args: ["-n", "-c", script],
    stderr: "null",
  }).output();
  assert.ok(success);
  assert.ok(script.includes(`url='https://pd.example/it'\\''s/repos/app/pipelines/run'`));
  assert.ok(script.includes('a \\"\\$(id)\\" \\`b\\`'));
  assert.equal(/--header 'Authorization/.test(script), false);
});

Deno.test("the token that the hook names is none for repositories whose name begins alike", () => {
  const script = hookScript({ repository: "shop", server: "https://pd.example", tokenFile: "t" });
  assert.ok(script.includes("--workflow repo:shop --workflow 'repo:shop:*'"));
  assert.equal(script.includes("repo:shop*"), false);
});

Deno.test("the hook calls for each branch and tag, and not for what was deleted", async (t) => {
  await t.assertSnapshot(
    hookScript({ repository: "shop", server: "http://127.0.0.1:9009", tokenFile: "pd-token" }),
  );
});

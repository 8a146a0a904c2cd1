import assert from "node:assert/strict";
import { CHROMIUM, shoot, withPage } from "./_browser.ts";
import { withFolder } from "./_engine_process.ts";
import { PdProcess } from "./_pd_process.ts";

const WORKFLOW = `name: greeter
version: "1.0"
description: Greets somebody
inputs:
  name: { type: string, default: world }
nodes:
  greet: { path: ./greet.ts, permissions: { net: [], secrets: [] } }
`;
const GREET =
  `export default (ctx: { log: { info(text: string): void } }, input: { name: string }) => {
  ctx.log.info("hello " + input.name);
  return { greeting: "hello " + input.name };
};
`;

Deno.test({
  name: "pd dev shows the page of its workflow, and what an edit changed",
  ignore: CHROMIUM.status === "missing",
  // What Playwright keeps open is its own business.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withFolder({ "workflow.yaml": WORKFLOW, "greet.ts": GREET }, async (dir) => {
      await using dev = new PdProcess(["dev", ".", "--port", "0", "--storage", "memory:"], {
        cwd: dir,
        env: {},
      });
      await dev.until(/watch it in a browser/);
      const url = /^http:\S+/m.exec(dev.stdout)?.[0] ?? "";
      await withPage({ url }, async (page) => {
        await page.goto(url);
        await page.getByRole("button", { name: "Start greeter" }).click();
        await page.getByLabel(/^name/).fill("Ada");
        await page.getByRole("button", { name: "Start run" }).click();
        await page.locator("h1 .badge.is-succeeded").waitFor();
        await page.getByRole("log").getByText("hello Ada").waitFor();
        assert.equal(await page.getByRole("button", { name: "Sign out" }).count(), 0);
        await shoot(page, "dev");
        await page.getByRole("link", { name: "Workflows" }).first().click();
        await page.getByText("Greets somebody").waitFor();
        const edited = WORKFLOW.replace("Greets somebody", "Greets everybody");
        await Deno.writeTextFile(`${dir}/workflow.yaml`, edited);
        await page.getByText("Greets everybody").waitFor();
      });
      dev.signal("SIGINT");
      assert.equal(await dev.code(), 0);
    }),
});

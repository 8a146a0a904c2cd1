import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { axeViolations, CHROMIUM, PHONE, shoot, withPage } from "./_browser.ts";
import { serve } from "./_serve_process.ts";
import { MARKUP, type PageServer, withPageServer } from "./_page_server.ts";

/** A test in a real browser; what Playwright keeps open is its own business. */
function browserTest(name: string, fn: (place: PageServer) => Promise<void>): void {
  Deno.test({
    name,
    ignore: CHROMIUM.status === "missing",
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withPageServer(fn),
  });
}

/** Waits until a node of the graph says that it stands so. */
function nodeIs(page: Page, node: string, status: string): Promise<void> {
  return page.locator(`[data-node="${node}"].is-${status}`).waitFor();
}

/** Waits until the run that is shown stands so. */
function runIs(page: Page, status: string): Promise<void> {
  return page.locator(`h1 .badge.is-${status}`).waitFor();
}

browserTest(
  "the page starts a run, shows nodes change, and a log line while it is written",
  (place) =>
    withPage(place, async (page) => {
      await page.goto(await place.link());
      await page.getByRole("button", { name: "Start gated" }).click();
      await page.getByRole("button", { name: "Start run" }).click();
      await page.waitForURL(/\/ui\/runs\/[\w-]+$/);
      await nodeIs(page, "first", "running");
      await nodeIs(page, "second", "pending");
      // The page is not loaded again from here on.
      await page.evaluate("globalThis.mark = 'same page'");
      await page.locator('[data-node="first"]').click();
      const log = page.getByRole("log");
      await log.getByText("first line").waitFor();
      assert.equal(await log.locator(".fg-2").innerText(), "first line");
      assert.equal(await log.getByText("last line").count(), 0, "its script still waits");
      await shoot(page, "run-live");
      await place.touch("go");
      await log.getByText("last line").waitFor();
      await nodeIs(page, "first", "succeeded");
      await nodeIs(page, "second", "failed");
      await nodeIs(page, "third", "skipped");
      await runIs(page, "failed");
      assert.equal(await page.evaluate("globalThis.mark"), "same page");
      await page.getByRole("link", { name: "in second" }).click();
      await page.getByRole("alert").getByText("STEP_FAILED").waitFor();
      await log.getByText("not <b>healed</b>").waitFor();
      await shoot(page, "run-failed");
    }),
);

browserTest(
  "the page cancels a run, retries it, and retries it from a node",
  (place) =>
    withPage(place, async (page) => {
      await page.goto(await place.link());
      await page.getByRole("heading", { name: "Workflows" }).waitFor();
      const cancelled = await place.start("gated");
      await page.goto(`${place.url}/ui/runs/${cancelled}`);
      await nodeIs(page, "first", "running");
      await page.getByRole("button", { name: "Cancel" }).click();
      await runIs(page, "cancelled");
      await place.touch("go");
      await page.getByRole("button", { name: "Retry" }).click();
      await page.waitForURL((url) => !url.pathname.includes(cancelled));
      await runIs(page, "failed");
      const failed = page.url();
      await place.touch("healed");
      await page.locator('[data-node="second"]').click();
      await page.getByRole("button", { name: "Retry from here" }).click();
      await page.waitForURL((url) => !failed.startsWith(url.origin + url.pathname));
      await runIs(page, "succeeded");
      await page.getByRole("log").getByText("third runs").waitFor();
      assert.equal(
        await page.getByText("last line").count(),
        0,
        "the first node did not run again",
      );
    }),
);

browserTest(
  "the page says why it wants a token, and signs in by a form and by a link",
  (place) =>
    withPage({ ...place, expected: /401/ }, async (page) => {
      await page.goto(place.url);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.getByText("pd token create").waitFor();
      await shoot(page, "sign-in");
      assert.deepEqual(await axeViolations(page), []);
      await page.getByLabel("Token").fill("not.a.token");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("This token does not count here").waitFor();
      const token = await place.server.token("--sub", "ann", "--ttl", "3s");
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Workflows" }).waitFor();
      await page.getByRole("heading", { name: "Your token has expired" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Your token has expired" }).waitFor();
      await page.goto(await place.link());
      await page.getByRole("heading", { name: "Workflows" }).waitFor();
      assert.equal(page.url(), `${place.url}/ui/`, "no token stays in the address");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    }),
);

browserTest(
  "runs are filtered by workflow, status and time, and the address keeps it",
  (place) =>
    withPage(place, async (page) => {
      await place.touch("go");
      await page.goto(await place.link());
      await page.getByRole("heading", { name: "Workflows" }).waitFor();
      await page.goto(`${place.url}/ui/runs`);
      await page.getByText("No runs yet").waitFor();
      await place.start("gated");
      await place.start("quick", { who: "me" });
      const rows = page.locator(".run-link");
      await rows.filter({ hasText: "gated" }).locator(".is-failed").first().waitFor();
      await rows.filter({ hasText: "quick" }).locator(".is-succeeded").first().waitFor();
      await page.getByRole("button", { name: "failed" }).click();
      await rows.filter({ hasText: "quick" }).waitFor({ state: "detached" });
      await page.locator("select").nth(1).selectOption("24h");
      assert.match(page.url(), /status=failed&since=24h$/);
      await page.reload();
      await rows.filter({ hasText: "gated" }).waitFor();
      await page.locator("select").first().selectOption("quick");
      await page.getByText("No run is like that").waitFor();
      await page.getByRole("button", { name: "Clear" }).click();
      await rows.filter({ hasText: "quick" }).waitFor();
      await rows.filter({ hasText: "gated" }).click();
      await runIs(page, "failed");
      await page.goBack();
      await rows.filter({ hasText: "quick" }).waitFor();
    }),
);

browserTest(
  "schedules are made, paused, resumed and deleted; what waits is cancelled",
  (place) =>
    withPage(place, async (page) => {
      await page.goto(await place.link());
      await page.getByRole("link", { name: "Schedules" }).click();
      await page.getByText("from its file").waitFor();
      await page.getByRole("button", { name: "New schedule" }).click();
      await page.getByLabel("Workflow", { exact: true }).selectOption("careful");
      await page.getByRole("button", { name: "on weekdays at 9" }).click();
      await page.getByLabel("Time zone").fill("Europe/Berlin");
      await page.getByRole("button", { name: "Create schedule" }).click();
      await page.getByText("This must be given").waitFor();
      await page.getByLabel(/^count/).fill("3");
      await shoot(page, "schedule-new");
      await page.getByRole("button", { name: "Create schedule" }).click();
      const row = page.locator(".schedule", { hasText: "made by ann" });
      await row.getByText("0 9 * * 1-5").waitFor();
      await row.getByRole("button", { name: "Pause" }).click();
      await row.getByText("paused").waitFor();
      await row.getByRole("button", { name: "Resume" }).click();
      await row.locator("strong").waitFor();
      await row.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await row.waitFor({ state: "detached" });

      await page.getByRole("link", { name: "Queue" }).click();
      await page.getByText("Nothing runs, nothing waits").waitFor();
      await place.start("one-at-a-time");
      const second = await place.start("one-at-a-time");
      await page.getByText("1 of 1 running · 1 waiting").waitFor();
      await shoot(page, "queue");
      await page.getByRole("button", { name: `Cancel ${second.slice(-12)}` }).click();
      await page.getByText("Nothing waits").waitFor();
      await place.touch("go-on");
      await page.getByText("Nothing runs, nothing waits").waitFor();
    }),
);

browserTest(
  "names, inputs, logs and errors that hold markup stay text",
  (place) =>
    withPage({ ...place, expected: /404/ }, async (page) => {
      await page.goto(await place.link());
      await page.getByText(MARKUP).first().waitFor();
      await page.goto(`${place.url}/ui/?q=${encodeURIComponent(MARKUP)}`);
      await page.getByText(MARKUP).first().waitFor();
      const run = await place.start("careful", { count: 1, topic: MARKUP });
      await page.goto(`${place.url}/ui/runs/${run}`);
      await runIs(page, "succeeded");
      const log = page.getByRole("log");
      await log.getByText(MARKUP).waitFor();
      await log.getByText("a link red cleared").waitFor();
      assert.equal(await log.locator("a").count(), 0);
      await log.getByText("rewritten 100%").waitFor();
      assert.equal(await log.getByText("rewritten 10%", { exact: true }).count(), 0);
      await page.getByRole("tab", { name: "Input" }).click();
      await page.getByLabel("Input").getByText(JSON.stringify(MARKUP)).waitFor();
      await page.goto(`${place.url}/ui/runs/${run}?node=fail`);
      await page.getByRole("alert").getByText(MARKUP).waitFor();
      await page.goto(`${place.url}/ui/workflows/${encodeURIComponent(MARKUP)}`);
      await page.getByRole("heading", { name: MARKUP }).waitFor();
      assert.equal(await page.locator("img").count(), 0);
      assert.notEqual(await page.title(), "run");
    }),
);

browserTest("the page is used by the keyboard alone", (place) =>
  withPage(place, async (page) => {
    await page.goto(await place.link());
    await page.getByRole("heading", { name: "Workflows" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await shoot(page, "shortcuts");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("/");
    await page.keyboard.type("gated");
    await page.getByRole("link", { name: "quick" }).waitFor({ state: "detached" });
    // From the filter by way of the name to the button.
    const focused = page.locator("button:focus-visible");
    for (let at = 0; at < 6 && await focused.count() === 0; at++) await page.keyboard.press("Tab");
    assert.equal(await focused.getAttribute("aria-label"), "Start gated");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Start gated" }).waitFor();
    const add = page.getByRole("button", { name: "Add a variable" });
    await add.focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Name of variable 1").focus();
    await page.keyboard.type("branch");
    await page.keyboard.press("Tab");
    await page.keyboard.type("main");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/ui\/runs\/[\w-]+$/);
    await nodeIs(page, "first", "running");
    await page.locator('[data-node="first"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Node second" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByRole("heading", { name: "Runs" }).waitFor();
  }));

/** Every view, with something in it; `ready` is there when it is drawn. */
async function eachView(
  place: PageServer,
  page: Page,
  look: (name: string) => Promise<void>,
): Promise<void> {
  await page.goto(await place.link());
  await page.getByRole("heading", { name: "Workflows" }).waitFor();
  const failed = await place.start("gated");
  const careful = await place.start("careful", { count: 2 });
  await place.start("one-at-a-time");
  await place.start("one-at-a-time");
  const views: readonly (readonly [name: string, path: string, ready: string])[] = [
    ["workflows", "/ui/", ".workflow"],
    ["workflow", "/ui/workflows/careful", ".run-link"],
    ["runs", "/ui/runs", ".run-link"],
    ["run", `/ui/runs/${failed}?node=first`, ".line-text"],
    ["timeline", `/ui/runs/${careful}?view=timeline`, ".timeline .bar"],
    ["schedules", "/ui/schedules", ".schedule"],
    ["queue", "/ui/queue", ".queue-list"],
    ["nothing", "/ui/nothing", ".empty"],
  ];
  for (const [name, path, ready] of views) {
    await page.goto(place.url + path);
    await page.locator(ready).first().waitFor();
    await look(name);
  }
  await page.goto(`${place.url}/ui/workflows/careful`);
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByLabel(/^count/).waitFor();
  await look("start");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator('[data-node="fail"]').waitFor();
  await look("workflow-graph");
  await page.getByRole("tab", { name: "Definition" }).click();
  await page.locator(".json").waitFor();
  await look("definition");
  await page.goto(`${place.url}/ui/runs/${careful}?node=say`);
  await page.getByRole("tab", { name: "Output" }).click();
  await page.locator(".json").waitFor();
  await look("output");
  await page.getByRole("tab", { name: "About" }).click();
  await look("about");
}

for (const theme of ["light", "dark"] as const) {
  browserTest(
    `axe finds no violation in any view in ${theme}`,
    (place) =>
      withPage({ ...place, theme }, async (page) => {
        await eachView(place, page, async (name) => {
          assert.deepEqual(await axeViolations(page), [], name);
          await shoot(page, `${name}-${theme}`);
        });
      }),
  );

  browserTest(
    `every view fits a phone in ${theme}`,
    (place) =>
      withPage({ ...place, theme, size: PHONE }, async (page) => {
        await eachView(place, page, async (name) => {
          const width = await page.evaluate<number>("document.documentElement.scrollWidth");
          assert.equal(width, PHONE.width, `${name} is wider than the screen`);
          assert.deepEqual(await axeViolations(page), [], name);
          await shoot(page, `${name}-${theme}-phone`);
        });
      }),
  );
}

browserTest(
  "the theme that somebody chose is remembered",
  (place) =>
    withPage(place, async (page) => {
      await page.goto(await place.link());
      const ground = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      await page.getByRole("heading", { name: "Workflows" }).waitFor();
      const light = await ground();
      await page.keyboard.press("t");
      const dark = await ground();
      assert.notEqual(dark, light);
      await page.reload();
      await page.getByRole("heading", { name: "Workflows" }).waitFor();
      assert.equal(await ground(), dark);
    }),
);

browserTest(
  "a lost connection is told, and the page goes on by itself when it is back",
  (place) =>
    withPage({ ...place, expected: /./ }, async (page) => {
      await page.goto(await place.link());
      await page.getByText("Live", { exact: true }).waitFor();
      const port = new URL(place.url).port;
      await place.server.end("SIGTERM");
      await page.getByText("Connection lost").waitFor();
      await using _again = await serve(place.dir, ["--address", `127.0.0.1:${port}`]);
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByRole("link", { name: "gated" }).waitFor();
    }),
);

browserTest(
  "a token that may only read starts and cancels nothing",
  (place) =>
    withPage(place, async (page) => {
      const run = await place.start("gated");
      await page.goto(await place.link("--scope", "read"));
      await page.getByRole("button", { name: "Start gated" }).and(page.locator(":disabled"))
        .waitFor();
      await page.goto(`${place.url}/ui/runs/${run}`);
      await page.getByRole("button", { name: "Cancel" }).and(page.locator(":disabled")).waitFor();
      await nodeIs(page, "first", "running");
      assert.deepEqual(await axeViolations(page), []);
    }),
);

browserTest(
  "what could not be loaded is told, and looked at again",
  (place) =>
    withPage(place, async (page) => {
      await page.goto(await place.link());
      await page.getByText("1 source could not be loaded").click();
      await page.getByText("SPEC_MISSING_KEY").waitFor();
      await shoot(page, "problems");
      assert.deepEqual(await axeViolations(page), []);
      await Deno.remove(`${place.dir}/broken`, { recursive: true });
      await page.getByRole("button", { name: "Look again" }).click();
      await page.getByText("1 source could not be loaded").waitFor({ state: "detached" });
    }),
);

import assert from "node:assert/strict";
import { chromium, type Page } from "playwright-core";
import axe from "axe-core";
import { ensurePackage } from "./packages.ts";

/** The system's Chromium. */
export const CHROMIUM = await ensurePackage("chromium", "chromium");

/** Sizes of screens. */
export const DESKTOP = { width: 1280, height: 860 } as const;
/** A small telephone. */
export const PHONE = { width: 375, height: 740 } as const;

/** How a page is opened. */
export interface PageOptions {
  /** Its address without a path: what comes from anywhere else is an error. */
  readonly url: string;
  readonly theme?: "light" | "dark";
  readonly size?: { readonly width: number; readonly height: number };
  /** Errors that the test brings about. */
  readonly expected?: RegExp;
}

/** Where screenshots go; none are taken without it. */
const SHOTS = Deno.env.get("PD_SCREENSHOTS");

/**
 * Opens a page in a browser of its own for the test. Fails it when the page logged an error, a request failed, or
 * anything came from another origin.
 */
export async function withPage(
  { url, theme = "light", size = DESKTOP, expected }: PageOptions,
  test: (page: Page) => Promise<void>,
): Promise<void> {
  assert.equal(CHROMIUM.status, "ready");
  const browser = await chromium.launch({
    executablePath: CHROMIUM.status === "ready" ? CHROMIUM.path : "",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  const faults: string[] = [];
  const note = (text: string) => {
    if (expected?.test(text) !== true) faults.push(text);
  };
  try {
    const context = await browser.newContext({ colorScheme: theme, viewport: size });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) note(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => note(`error: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => {
      note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== url) note(`from elsewhere: ${request.url()}`);
    });
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // A page that goes elsewhere lets go of what it was reading.
      if (why !== "net::ERR_ABORTED") note(`failed: ${request.url()} ${why}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) note(`answered ${response.status()}: ${response.url()}`);
    });
    await test(page);
    await context.close();
  } finally {
    await browser.close();
  }
  assert.deepEqual(faults, []);
}

/** Takes a picture for people to look at. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  await Deno.mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, animations: "disabled" });
}

/** What axe finds fault with in the page as it stands: WCAG 2.2 A and AA, and best practice. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[];
  }>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`)
  );
}

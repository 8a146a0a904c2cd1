import { findChromium } from "../chromium.ts";
import type { CheckEnv, Finding } from "./check.ts";

/** Is there a Chromium for `pd visualize --format png`? */
export async function checkChromium(host: CheckEnv): Promise<Finding> {
  const chromium = await findChromium((name) => host.env(name));
  if (chromium !== undefined) return { status: "ok", detail: chromium };
  return {
    status: "warn",
    detail: "none found; pd visualize draws mermaid, text and svg without it",
    fix: "apt-get install chromium, or export PD_CHROMIUM=/path/to/chromium",
  };
}

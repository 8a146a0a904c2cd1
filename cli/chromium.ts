import { findProgram } from "./find_program.ts";

/** Names under which systems install Chromium or a browser that takes its flags. */
export const CHROMIUM_NAMES: readonly string[] = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The system's Chromium: `PD_CHROMIUM` alone when it is set, else the first that is installed. */
export function findChromium(
  env: (name: string) => string | undefined,
): Promise<string | undefined> {
  const chosen = env("PD_CHROMIUM") ?? "";
  return findProgram(chosen === "" ? CHROMIUM_NAMES : [chosen], env);
}

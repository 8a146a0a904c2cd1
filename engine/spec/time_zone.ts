import { didYouMean } from "../words/mod.ts";
import { type Flaw, quoted } from "./problem.ts";

/** What is wrong with `text` as an IANA time zone (`Europe/Berlin`, `UTC`), or `undefined`. */
export function timeZoneFlaw(text: string): Flaw | undefined {
  if (text === "UTC") return undefined;
  // Intl also takes offsets such as "+02:00", which are no zones: they know no summer time.
  if (/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text) && isKnown(text)) return undefined;
  return {
    code: "SPEC_CRON",
    rule: "it must be an IANA time zone",
    state: `no zone is called ${quoted(text)}`,
    fix: { write: nearestZone(text) ?? "Europe/Berlin" },
  };
}

function isKnown(zone: string): boolean {
  try {
    // 0.7 ms where the first Intl.DateTimeFormat of a process takes 18.
    new Temporal.ZonedDateTime(0n, zone);
    return true;
  } catch {
    return false;
  }
}

function nearestZone(text: string): string | undefined {
  const zones = Intl.supportedValuesOf("timeZone");
  const city = text.replaceAll(" ", "_").toLowerCase();
  return zones.find((zone) => zone.toLowerCase().split("/").at(-1) === city) ??
    didYouMean(text, zones);
}

import type { VNode } from "preact";
import { html } from "../core/html.ts";

const PATHS = {
  play: "M5 3.200v9.600l8-4.800z",
  retry: "M13 8a5 5 0 1 1-1.600-3.700M13 2v3h-3",
  stop: "M4.500 4.500h7v7h-7z",
  download: "M8 2.500v7.500m-3-3 3 3 3-3M3 13.500h10",
  copy: "M5.500 5.500h7v8h-7zM3.500 10.500v-8h7",
  close: "m4 4 8 8m0-8-8 8",
  plus: "M8 3v10M3 8h10",
  pause: "M5.500 3.500v9m5-9v9",
  trash: "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.7 9h5.600l.7-9",
  sun:
    "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1m8 8 1 1m0-10-1 1M4 12l-1 1",
  moon: "M13 9.800A5.600 5.600 0 0 1 6.200 3a5.600 5.600 0 1 0 6.800 6.800z",
  system: "M2 3.500h12v7.500H2zM6 14h4m-2-3v3",
  help: "M6 6a2 2 0 1 1 2.800 1.800c-.6.3-.8.7-.8 1.400m0 2v.2",
  search: "M7 2.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9m3.300 7.800L14 14",
  down: "M8 3v10m-4-4 4 4 4-4",
  chevron: "m6 4 4 4-4 4",
  workflows: "M3.500 4.500h3c3 0 2 3.500 5 3.500M3.500 11.500h3c3 0 2-3.500 5-3.500",
  runs: "M2.500 4h11m-11 4h11m-11 4h7",
  schedules: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11M8 5v3l2 1.500",
  queue: "M3 3.500h10M3 7.500h10M8 11v3.500m-2-1.600 2 1.600 2-1.600",
  signOut: "M9 3H3.500v10H9m-2-5h7m-2.500-2.500L14 8l-2.500 2.500",
} as const;

/** Name of a picture. */
export type IconName = keyof typeof PATHS;

/** A small picture beside a word, or on a button that has a label. */
export function Icon({ name }: { readonly name: IconName }): VNode {
  return html`
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d=${PATHS[name]} />
    </svg>
  `;
}

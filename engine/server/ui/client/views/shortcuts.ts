/// <reference lib="dom" />
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { html } from "../core/html.ts";
import { navigate } from "../core/router.ts";
import { setTheme, theme } from "../core/theme.ts";
import { Dialog } from "../parts/dialog.ts";

const SHOWN: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["g", "w"], "Workflows"],
  [["g", "r"], "Runs"],
  [["g", "s"], "Schedules"],
  [["g", "q"], "Queue"],
  [["/"], "Search or filter"],
  [["n"], "Start a run of the workflow that is shown"],
  [["f"], "Follow the end of the log, or stop following"],
  [["←", "→", "↑", "↓"], "From node to node of the graph"],
  [["t"], "Light or dark"],
  [["Esc"], "Close what is open"],
  [["?"], "These shortcuts"],
];

const PLACES: { readonly [key: string]: string } = {
  w: "/ui/",
  r: "/ui/runs",
  s: "/ui/schedules",
  q: "/ui/queue",
};

/** How long the second key of two may take. */
const PAIR_MS = 1200;

/** Follows the keys of the whole page. */
export function useShortcuts(onHelp: () => void): void {
  useEffect(() => {
    let goSince = -Infinity;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if ((event.target as Element).closest("input, textarea, select, dialog")) return;
      const { key, timeStamp } = event;
      const target = PLACES[key];
      if (timeStamp - goSince < PAIR_MS && target !== undefined) {
        goSince = -Infinity;
        navigate(target);
        return;
      }
      if (key === "g") goSince = timeStamp;
      else if (key === "?") onHelp();
      else if (key === "t") setTheme(isDark() ? "light" : "dark");
      else if (key === "n") press("[data-start]", event);
      else if (key === "f") press("[data-log-follow]", event);
      else if (key === "/") {
        event.preventDefault();
        document.querySelector<HTMLElement>("[data-filter], [data-log-search]")?.focus();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function press(selector: string, event: Event): void {
  const button = document.querySelector<HTMLElement>(selector);
  if (button === null) return;
  event.preventDefault();
  button.click();
}

function isDark(): boolean {
  const chosen = theme.get();
  return chosen === "system"
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : chosen === "dark";
}

/** What the keys do. */
export function Shortcuts({ onClose }: { onClose(): void }): VNode {
  return html`
    <${Dialog} title="Keyboard shortcuts" onClose=${onClose}>
      <dl class="keys">${SHOWN.map(([keys, meaning]) =>
        html`
          <div key=${meaning}>
            <dt>${keys.map((key) =>
              html`
                <kbd>${key}</kbd>
              `
            )}</dt>
            <dd>${meaning}</dd>
          </div>
        `
      )}</dl>
      </${Dialog}>
  `;
}

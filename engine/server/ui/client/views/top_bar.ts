/// <reference lib="dom" />
import type { VNode } from "preact";
import { html } from "../core/html.ts";
import { useStore } from "../core/store.ts";
import { setTheme, type Theme, theme } from "../core/theme.ts";
import { signOut } from "../data/api.ts";
import { connection } from "../data/live.ts";
import { Icon, type IconName } from "../parts/icons.ts";
import type { Section } from "./find_view.ts";

const SECTIONS: readonly { readonly id: Section; readonly href: string; readonly label: string }[] =
  [
    { id: "workflows", href: "/ui/", label: "Workflows" },
    { id: "runs", href: "/ui/runs", label: "Runs" },
    { id: "schedules", href: "/ui/schedules", label: "Schedules" },
    { id: "queue", href: "/ui/queue", label: "Queue" },
  ];

const THEMES: readonly { readonly id: Theme; readonly icon: IconName; readonly next: Theme }[] = [
  { id: "system", icon: "system", next: "light" },
  { id: "light", icon: "sun", next: "dark" },
  { id: "dark", icon: "moon", next: "system" },
];

/** Where one can go, and whether the page hears of changes. */
export function TopBar({ section, isOpen, onHelp }: {
  readonly section: Section | undefined;
  readonly isOpen: boolean;
  onHelp(): void;
}): VNode {
  const hasTokens = document.documentElement.dataset["session"] !== "open";
  return html`
    <header class="top">
      <div class="top-inner">
          <a class="brand" href="/ui/" aria-label="Pipedreamer, all workflows"><${Logo} /><span>Pipedreamer</span></a>
          ${isOpen &&
            html`<nav aria-label="Sections">${
              SECTIONS.map(({ id, href, label }) =>
                html`<a key=${id} href=${href} aria-current=${section === id ? "page" : undefined}>
          <${Icon} name=${id} /><span>${label}</span></a>`
              )
            }</nav>`}
          <span class="grow"></span>
          ${isOpen && html`<${Connected} />`}
          <${ThemeSwitch} />
          <button type="button" class="plain only-wide" onClick=${onHelp} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
            <${Icon} name="help" /></button>
          ${isOpen && hasTokens && html`
            <button type="button" class="plain" onClick=${() => void signOut()}
              aria-label="Sign out" title="Sign out"><${Icon} name="signOut" /></button>
          `}
        </div>
    </header>
  `;
}

function Logo(): VNode {
  return html`
    <svg viewBox="0 0 32 32" class="logo" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M10 9.500h4c4 0 3 6.500 7 6.500M10 22.500h4c4 0 3-6.500 7-6.500" />
      <circle cx="8.500" cy="9.500" r="3" />
      <circle cx="8.500" cy="22.500" r="3" />
      <circle cx="23.500" cy="16" r="3.400" />
    </svg>
  `;
}

function Connected(): VNode | null {
  const state = useStore(connection);
  if (state === "idle") return null;
  const words = { live: "Live", connecting: "Connecting", lost: "Connection lost, trying again" };
  return html`<span class=${`connection is-${state}`} role="status" title=${words[state]}>
    <span class="dot" aria-hidden="true"></span><span class="connection-text">${
    words[state]
  }</span></span>`;
}

function ThemeSwitch(): VNode {
  const chosen = useStore(theme);
  const { icon, next } = THEMES.find(({ id }) => id === chosen) ??
    THEMES[0] as typeof THEMES[number];
  const label = `Colours: ${chosen}. Change to ${next}`;
  return html`<button type="button" class="plain" onClick=${() =>
    setTheme(next)} aria-label=${label} title=${label}>
    <${Icon} name=${icon} /></button>`;
}

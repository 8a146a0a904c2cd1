/// <reference lib="dom" />
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../core/html.ts";
import { followLinks, place } from "../core/router.ts";
import { useStore } from "../core/store.ts";
import { session } from "../data/api.ts";
import { learnPrincipal } from "../data/principal.ts";
import { Announcer } from "../parts/notices.ts";
import { Shortcuts, useShortcuts } from "./shortcuts.ts";
import { SignIn } from "./sign_in.ts";
import { TopBar } from "./top_bar.ts";
import { findView } from "./find_view.ts";

/** The page. */
export function App(): VNode {
  const here = useStore(place);
  const state = useStore(session);
  const [isHelpShown, showHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  useEffect(followLinks, []);
  useEffect(() => {
    if (state === "fine") void learnPrincipal();
  }, [state]);
  useShortcuts(() => showHelp((isShown) => !isShown));
  const { title, section, view } = findView(here);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · Pipedreamer`;
    // Where a screen reader goes on after a link; the first view is where it is anyway.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [here.path]);
  return html`
    <a class="skip" href="#main">To the content</a>
    <${TopBar} section=${section} onHelp=${() => showHelp(true)} isOpen=${state === "fine"} />
    <main id="main" ref=${main} tabindex="-1">
      ${state === "fine" ? view : html`<${SignIn} session=${state} />`}
    </main>
    ${isHelpShown && html`<${Shortcuts} onClose=${() => showHelp(false)} />`}
    <${Announcer} />
  `;
}

/// <reference lib="dom" />
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { html } from "../core/html.ts";
import { Icon } from "./icons.ts";

/** A window over the page: Escape, the cross or a click beside it close it, and the focus goes back. */
export function Dialog({ title, onClose, children }: {
  readonly title: string;
  onClose(): void;
  readonly children: ComponentChildren;
}): VNode {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[autofocus], input, select, textarea, .primary")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onClick = (event: MouseEvent) => {
    if (event.target === ref.current) onClose();
  };
  const onCancel = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return html`
    <dialog ref=${ref} aria-labelledby=${id} onMouseDown=${onClick} onCancel=${onCancel}>
      <div class="dialog">
          <header><h2 id=${id}>${title}</h2>
            <button type="button" class="plain" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
          </header>
          ${children}
        </div>
    </dialog>
  `;
}

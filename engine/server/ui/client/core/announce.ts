import { createStore } from "./store.ts";

/** What a screen reader says next, politely. */
export const announcement = createStore("");

/** Tells those who do not see it. */
export function announce(text: string): void {
  // The same words again count as new ones.
  announcement.set(announcement.get() === text ? `${text}\u00a0` : text);
}

/** A note at the edge of the page that goes away by itself. */
export interface Toast {
  readonly kind: "done" | "failed";
  readonly text: string;
  readonly fix?: string | undefined;
}

/** The note that is shown. */
export const toast = createStore<Toast | undefined>(undefined);

/** Shows a note, and announces it. */
export function notify(note: Toast): void {
  toast.set(note);
  announce(note.fix === undefined ? note.text : `${note.text}. ${note.fix}`);
}

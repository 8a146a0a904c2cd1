/// <reference lib="dom" />
import { createStore } from "./store.ts";

/** Colours of the page: those of the system unless somebody chose. */
export type Theme = "system" | "light" | "dark";

const KEY = "pd.theme";

/** What was chosen. */
export const theme = createStore<Theme>(remembered());

/** Chooses, and remembers it. */
export function setTheme(next: Theme): void {
  theme.set(next);
  const { dataset } = document.documentElement;
  if (next === "system") delete dataset["theme"];
  else dataset["theme"] = next;
  try {
    if (next === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch { /* Storage may be forbidden: then it holds for this page. */ }
}

function remembered(): Theme {
  const { dataset } = document.documentElement;
  return dataset["theme"] === "light" || dataset["theme"] === "dark" ? dataset["theme"] : "system";
}

/// <reference lib="dom" />
import { createStore } from "./store.ts";

/** Where the page stands: its path below `/ui/`, and what is asked. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The place; every view follows it. */
export const place = createStore<Place>(read());

/** Goes to another address of this page. `replace` keeps the way back as it was. */
export function navigate(href: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  const before = place.get().path;
  place.set(read());
  if (place.get().path !== before) scrollTo(0, 0);
}

/** The same path with other questions; without a value a question is dropped. */
export function withQuery(
  { path, query }: Place,
  changes: { readonly [name: string]: string | readonly string[] | undefined },
): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const one of typeof value === "string" ? [value] : value ?? []) {
      if (one !== "") next.append(name, one);
    }
  }
  const text = next.toString();
  return `/ui${path}${text === "" ? "" : `?${text}`}`;
}

/** Follows links of this page without loading it, and the browser's way back. The returned function ends it. */
export function followLinks(): () => void {
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    const href = link?.getAttribute("href");
    if (!href?.startsWith("/ui/") || link?.hasAttribute("download") || link?.target) return;
    event.preventDefault();
    navigate(href);
  };
  const onBack = () => place.set(read());
  document.addEventListener("click", onClick);
  addEventListener("popstate", onBack);
  return () => {
    document.removeEventListener("click", onClick);
    removeEventListener("popstate", onBack);
  };
}

function read(): Place {
  const { pathname, search } = location;
  return { path: pathname.replace(/^\/ui/, "") || "/", query: new URLSearchParams(search) };
}

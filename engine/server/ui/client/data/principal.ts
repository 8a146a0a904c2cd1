/// <reference lib="dom" />
import { createStore, useStore } from "../core/store.ts";
import { call } from "./api.ts";

/** Whose token the page has, and what it allows. */
export interface Principal {
  readonly subject: string;
  readonly scope: "read" | "run" | "admin";
}

/** Known soon after a sign-in. */
export const principal = createStore<Principal | undefined>(undefined);

/** Asks whose token it is; what cannot be known now is left open. */
export async function learnPrincipal(): Promise<void> {
  try {
    principal.set(await call<Principal>("/tokens/me"));
  } catch {
    principal.set(undefined);
  }
}

/** Attributes of a button that takes the scope `run`: it cannot be pressed with less. */
export function useRunScope(): { readonly disabled?: true; readonly title?: string } {
  const known = useStore(principal);
  return known?.scope === "read" ? { disabled: true, title: "Your token may only read" } : {};
}

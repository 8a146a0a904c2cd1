/// <reference lib="dom" />
import { createStore } from "../core/store.ts";
import type { Problem } from "./api_types.ts";

/** Below which path the API is. */
export const API = "/api/v1";

const EXPIRY = "pd.expires";
/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
let expiryTimer: ReturnType<typeof setTimeout> | undefined;

/** Why nobody is signed in; `fine` as long as nothing was refused. */
export type Session = "fine" | "missing" | "expired" | "invalid";

/** Whether the page may ask. Without a cookie there is no use in trying. */
export const session = createStore<Session>(
  document.documentElement.dataset["session"] === "none" ? beforeSignIn() : "fine",
);

/** An answer that is no success. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string | null;
  readonly field: string | undefined;
  readonly problems: readonly { readonly input: string; readonly message: string }[];

  constructor(
    status: number,
    error: Partial<Problem> & {
      readonly field?: string;
      readonly problems?: readonly { readonly input: string; readonly message: string }[];
    },
  ) {
    super(error.message ?? `The server answered ${status}`);
    this.status = status;
    this.code = error.code ?? "INTERNAL";
    this.fix = error.fix ?? null;
    this.field = error.field;
    this.problems = error.problems ?? [];
  }
}

/** What is sent, and how it is stopped. */
export interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** The same one gives the same answer, and does nothing a second time. */
  readonly idempotencyKey?: string;
}

/**
 * Asks `/api/v1`, and gives the JSON that it answers.
 *
 * @throws {ApiError} when it refuses, or cannot be reached (status 0)
 */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { method = "GET", body, signal, idempotencyKey } = options;
  const response = await send(API + path, {
    method,
    headers: {
      accept: "application/json",
      ...body === undefined ? {} : { "content-type": "application/json" },
      ...idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
    },
    ...body === undefined ? {} : { body: JSON.stringify(body) },
    ...signal === undefined ? {} : { signal },
  });
  if (response.status === 204) return undefined as T;
  if (response.ok) return await response.json();
  throw await readError(response);
}

/** Puts a token into the cookie that scripts cannot read. */
export async function signIn(token: string): Promise<void> {
  const response = await send("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw await readError(response);
  const { expiresAt } = await response.json();
  rememberExpiry(typeof expiresAt === "string" ? Date.parse(expiresAt) : undefined);
  session.set("fine");
}

/** Takes the cookie back. */
export async function signOut(): Promise<void> {
  await send("/logout", { method: "POST" });
  rememberExpiry(undefined);
  session.set("missing");
}

/** Says that the token has expired when it does, not when the next question is refused. */
export function watchExpiry(): void {
  clearTimeout(expiryTimer);
  const at = readExpiry();
  if (at === undefined || session.get() !== "fine") return;
  expiryTimer = setTimeout(() => {
    if (Date.now() < at) watchExpiry();
    else session.set("expired");
  }, Math.min(MAX_TIMER_MS, Math.max(0, at - Date.now())));
}

/** The browser has let go of the cookie: either it expired, or there was none. */
function beforeSignIn(): Session {
  const at = readExpiry();
  return at !== undefined && at <= Date.now() ? "expired" : "missing";
}

function rememberExpiry(at: number | undefined): void {
  try {
    if (at === undefined) localStorage.removeItem(EXPIRY);
    else localStorage.setItem(EXPIRY, String(at));
  } catch { /* Storage may be forbidden: then the server tells. */ }
  session.set("fine");
  watchExpiry();
}

function readExpiry(): number | undefined {
  try {
    return Number(localStorage.getItem(EXPIRY)) || undefined;
  } catch {
    return undefined;
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: "same-origin" });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, {
      code: "UNREACHABLE",
      message: "The server cannot be reached",
      fix: "Is pd serve still running?",
    });
  }
}

async function readError(response: Response): Promise<ApiError> {
  const text = await response.text();
  let error = new ApiError(response.status, { message: text === "" ? response.statusText : text });
  try {
    error = new ApiError(response.status, JSON.parse(text).error);
  } catch { /* Plain text. */ }
  if (response.status === 401) session.set(sessionOf(error));
  return error;
}

function sessionOf({ code, message }: ApiError): Session {
  if (code === "TOKEN_MISSING") return "missing";
  return /expired/i.test(message) ? "expired" : "invalid";
}

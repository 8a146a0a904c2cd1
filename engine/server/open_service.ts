import type { TokenClaims, TokenVerifier } from "../auth/mod.ts";
import type { Clock } from "../clock/mod.ts";
import type { Registry } from "../registry/mod.ts";
import type { Repositories } from "../repositories/mod.ts";
import type { Schedules } from "../schedules/mod.ts";
import type { Server } from "./serve.ts";
import { loadGroups } from "./load_groups.ts";

/** What is served, and where. */
export interface OpenServiceOptions {
  readonly registry: Registry;
  readonly auth: TokenVerifier;
  /** Signs a token of this server. */
  issueToken(claims: TokenClaims): Promise<string>;
  /** Repositories whose commits are run. */
  readonly repositories?: Repositories | undefined;
  /** Schedules that can be made and changed. */
  readonly schedules?: Schedules | undefined;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly clock: Clock;
  /** Requests in a second that one caller may go on with; 0 for as many as it likes. */
  readonly requestsPerSecond?: number;
  /** Writes all figures down for `/metrics`. */
  readonly metrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Takes errors that nobody foresaw, for the log. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Serves many workflows behind tokens: prunner's API, `/api/v1` and the page. It answers when this resolves.
 *
 * @throws {CodedError} `ADDRESS_IN_USE`, `USAGE` when the address is no address of this machine
 */
export async function openService(options: OpenServiceOptions): Promise<Server> {
  const { requestsPerSecond, issueToken: _, repositories: __, ...others } = options;
  // Computed: whoever serves one workflow needs none of it.
  const { serveRegistry }: typeof import("./service/mod.ts") = await import(
    new URL("./service/mod.ts", import.meta.url).href
  );
  return serveRegistry({
    ...others,
    groups: await loadGroups(options),
    ...requestsPerSecond === undefined ? {} : { limits: { requestsPerSecond } },
  });
}

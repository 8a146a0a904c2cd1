import { CodedError, ERROR_CODES, type ErrorCode } from "../../engine/errors/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import { UsageError } from "../usage_error.ts";

/** What a client is made of. */
export interface ApiClientOptions {
  /** Of the server, a path before `/api/v1` included. */
  readonly server: string;
  readonly token: string;
  readonly fetch: typeof fetch;
}

/** Calls `/api/v1` of a server. */
export class ApiClient {
  /** Without a final slash. */
  readonly server: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  /** @throws {UsageError} when the address is none */
  constructor({ server, token, fetch }: ApiClientOptions) {
    this.server = readServer(server);
    this.#token = token;
    this.#fetch = fetch;
  }

  /**
   * The body of an answer.
   *
   * @throws {CodedError} what the server refuses with, `WORKFLOW_UNREACHABLE` without an answer
   */
  async call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: JsonValue,
  ): Promise<JsonValue> {
    const response = await this.send(path, {
      method,
      ...body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } },
    });
    const text = await response.text();
    return text === "" ? null : JSON.parse(text);
  }

  /** An answer that is no refusal; its body is the caller's to read. */
  async send(
    path: string,
    { headers = {}, ...init }: Omit<RequestInit, "headers"> & {
      readonly headers?: { readonly [name: string]: string };
    } = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(`${this.server}/api/v1${path}`, {
        ...init,
        headers: { ...headers, authorization: `Bearer ${this.#token}` },
        // A token goes to the server that was named, and nowhere else.
        redirect: "manual",
      });
    } catch (cause) {
      if (init.signal?.aborted) throw init.signal.reason;
      throw unreachable(this.server, "it does not answer", cause);
    }
    if (response.ok) return response;
    throw refusal(this.server, response.status, await response.text());
  }
}

function readServer(text: string): string {
  const url = URL.parse(text);
  const isFit = url !== null && /^https?:$/.test(url.protocol) && url.username === "" &&
    url.password === "" && url.search === "" && url.hash === "";
  if (isFit) return url.href.replace(/\/+$/, "");
  throw new UsageError(
    `Cannot use this --server as it is an http(s) address without a user, query or fragment`,
    "--server http://127.0.0.1:9009",
  );
}

function refusal(server: string, status: number, text: string): CodedError {
  try {
    const { code, message, fix } = JSON.parse(text).error;
    if (typeof code === "string" && typeof message === "string") {
      const known = ERROR_CODES.find((one): one is ErrorCode => one === code) ?? "RUN_REFUSED";
      return new CodedError(known, message, typeof fix === "string" ? { fix } : {});
    }
  } catch {
    // It is no answer of a pd.
  }
  return unreachable(server, `it answers with ${status}, as no pd serve does`);
}

function unreachable(server: string, state: string, cause?: unknown): CodedError {
  return new CodedError(
    "WORKFLOW_UNREACHABLE",
    `Cannot reach "${server}" as a server of workflows: ${state}`,
    { fix: "pd serve, in the folder of its workflows; or another address for --server", cause },
  );
}

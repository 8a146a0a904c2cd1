import type { JsonObject, JsonValue } from "../json/mod.ts";

/** Structured log of a node: a message, and fields to search by. Everything passes redaction. */
export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

/** Where a node finds itself. */
export interface NodeRunInfo {
  /** UUIDv7 of the run. */
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly node: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** What started the run, e.g. `{ type: "manual" }`. */
  readonly trigger: JsonValue;
}

/** Secrets by service: `ctx.secrets.github.token`. Frozen. */
export type Secrets = { readonly [service: string]: { readonly [key: string]: string } };

/** A command for `ctx.process.run`. */
export interface ProcessOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  readonly stdin?: string;
  /** Milliseconds, or a duration such as `"30s"`. */
  readonly timeout?: number | string;
  readonly stdout_level?: "debug" | "info" | "warn" | "error";
  readonly stderr_level?: "debug" | "info" | "warn" | "error";
  /** `true` (default) throws on a non-zero exit code; `false` returns it. */
  readonly check?: boolean;
}

/** How a command ended. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a node's function gets as its first argument. */
export interface Context {
  /**
   * Calls a service: `services[service].url` of workflow.yaml, else `https://api.<service>.com`, plus
   * `path`, which starts with one `/` or is an absolute URL. Adds `Authorization: Bearer` from
   * `secrets[service].token`, or `X-API-Key` from `.api_key`, only when the URL's origin is the service's.
   *
   * @throws {PdError} `SERVICE_NAME`, `SERVICE_PATH`, `PERMISSION_DENIED`
   */
  fetch(service: string, path: string, init?: RequestInit): Promise<Response>;
  readonly log: Log;
  /** `config` of workflow.yaml with the node's own laid over it. Frozen. */
  readonly config: JsonObject;
  /** Limited to the node's `permissions.secrets` where given. Frozen. */
  readonly secrets: Secrets;
  /** Aborts when the node must stop: timeout, cancel, or another node's failure. */
  readonly signal: AbortSignal;
  readonly run: NodeRunInfo;
  /**
   * Runs a command in the image of the innermost `container.run`, else in the node's `container:`, that of its
   * stage, or `config.container`. The container is kept warm for the node, and starts in the run's workspace.
   *
   * @throws {PdError} `PROCESS_FAILED` with `exitCode` when that is not 0, unless `check` is false;
   *   `PROCESS_INVALID` for options that are none
   */
  readonly process: { run(options: ProcessOptions): Promise<ProcessResult> };
  /** Runs `body` with that image for its commands. The innermost counts; branches of `Promise.all` are apart. */
  readonly container: { run<T>(image: string, body: () => Promise<T>): Promise<T> };
}

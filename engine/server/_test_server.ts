import { type Clock, systemClock } from "../clock/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { WorkflowRunner } from "../nodes/mod.ts";
import { RunTally } from "../observability/mod.ts";
import type { Owner, Storage } from "../storage/mod.ts";
import { keepTriggers } from "../triggers/mod.ts";
import { openWorkflow, type Workflow } from "../workflow/mod.ts";
import { createApp, type RequestHandler } from "./app.ts";
import { createRequestGuard } from "./request_guard.ts";
import { createRoutes } from "./routes.ts";
import { RunLimit } from "./run_limit.ts";

/** What a node of a test does: its return value is the output, a thrown error its failure. */
export type TestNode = (call: NodeCall) => unknown;

/** What a test serves; nodes run one after another in the order given. */
export interface TestAppOptions {
  readonly nodes?: { readonly [id: string]: TestNode };
  readonly inputs?: JsonValue;
  readonly secrets?: JsonValue;
  readonly clock?: Clock;
  readonly maxBodyBytes?: number;
  readonly maxHookBytes?: number;
  readonly maxConcurrentRuns?: number;
  readonly historyLimit?: number;
  readonly triggers?: readonly JsonObject[];
  readonly insecureWebhooks?: boolean;
  /** In memory by default. It stays open; apps on one storage are engines that share it. */
  readonly storage?: Storage;
  /** Who owns the runs, and whose they are, where apps share a storage. */
  readonly owner?: Owner;
  readonly workflowKey?: string;
}

/** What a test talks to. */
export interface TestApp {
  readonly workflow: Workflow;
  readonly tally: RunTally;
  /** What the triggers logged. */
  readonly log: readonly string[];
  /** Errors that nobody foresaw. */
  readonly faults: readonly unknown[];
  /** The address that the requests below are made for. */
  readonly origin: string;
  /** Sends a request as a program would: without any header of a browser. */
  send(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The body of an answer, as JSON. */
  json(path: string, init?: RequestInit): Promise<Record<string, unknown>>;
}

const PORT = 8080;
export const ORIGIN = `http://127.0.0.1:${PORT}`;

/** Opens a workflow over functions in place of modules, and its HTTP surface without a socket. */
export async function withApp(
  options: TestAppOptions,
  test: (app: TestApp) => Promise<void>,
): Promise<void> {
  await withWorkflow(options, async (workflow) => {
    const tally = new RunTally();
    workflow.subscribe((event) => tally.add(event));
    const log: string[] = [];
    const faults: unknown[] = [];
    const clock = options.clock ?? systemClock;
    await using triggers = await keepTriggers(workflow, {
      clock,
      random: () => 0,
      cron: "engine",
      insecureWebhooks: options.insecureWebhooks ?? false,
      log: (level, message) => void log.push(`${level} ${message}`),
      count: (...counted) => tally.triggers.count(...counted),
    });
    await triggers.begin();
    const handle: RequestHandler = createApp(
      createRoutes(workflow, {
        tally,
        clock,
        maxBodyBytes: options.maxBodyBytes ?? 1_000_000,
        maxHookBytes: options.maxHookBytes ?? 1_000_000,
        limit: new RunLimit(workflow, options.maxConcurrentRuns ?? 100),
        triggers: () => triggers.list(),
      }),
      {
        guard: createRequestGuard({ host: "127.0.0.1", port: PORT, hostnames: [] }),
        onFault: (error) => void faults.push(error),
      },
    );
    function send(path: string, init: RequestInit = {}): Promise<Response> {
      return handle(new Request(`${ORIGIN}${path}`, init));
    }
    await test({
      workflow,
      tally,
      log,
      faults,
      origin: ORIGIN,
      send,
      post: (path, body, headers = {}) =>
        send(path, {
          method: "POST",
          headers,
          ...body === undefined
            ? {}
            : { body: typeof body === "string" ? body : JSON.stringify(body) },
        }),
      json: async (path, init) => await (await send(path, init)).json(),
    });
  });
}

/** Opens a workflow over functions in place of modules. */
export async function withWorkflow(
  options: TestAppOptions,
  test: (workflow: Workflow) => Promise<void>,
): Promise<void> {
  const nodes = options.nodes ?? { echo: ({ input }) => input };
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/workflow.yaml`, workflowText(nodes, options));
    await Deno.writeTextFile(`${dir}/secrets.yaml`, JSON.stringify(options.secrets ?? {}));
    await using workflow = await openWorkflow({
      dir,
      secretsPath: `${dir}/secrets.yaml`,
      ...options.clock === undefined ? {} : { clock: options.clock },
      ...options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit },
      ...options.storage === undefined ? {} : { storage: options.storage },
      ...options.owner === undefined ? {} : { owner: options.owner },
      ...options.workflowKey === undefined ? {} : { workflowKey: options.workflowKey },
      createRunner: () => Promise.resolve(fakeRunner(nodes)),
    });
    await test(workflow);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Resolves when the node is told to stop. */
export function untilStopped({ signal }: NodeCall): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** JSON is YAML. */
function workflowText(
  nodes: { readonly [id: string]: TestNode },
  { inputs = {}, triggers = [] }: TestAppOptions,
): string {
  const ids = Object.keys(nodes);
  return JSON.stringify({
    name: "test-flow",
    version: "1.0",
    description: "A workflow of tests",
    inputs,
    triggers,
    nodes: Object.fromEntries(ids.map((id) => [id, { path: `./${id}.ts` }])),
    edges: ids.slice(1).map((to, index) => ({ from: ids[index] ?? "", to })),
  });
}

function fakeRunner(nodes: { readonly [id: string]: TestNode }): WorkflowRunner {
  async function run(call: NodeCall): Promise<NodeOutcome> {
    call.onBegin();
    try {
      const output = await nodes[call.node.id]?.(call);
      if (call.signal.aborted) return { status: "cancelled" };
      return { status: "succeeded", output: (output ?? null) as JsonValue };
    } catch (error) {
      const { message } = error as Error;
      return {
        status: "failed",
        error: { code: "NODE_FAILED", message },
        retry: { kind: "never" },
      };
    }
  }
  return {
    run,
    runWith: run,
    ready: () => Promise.resolve(),
    endRun: () => Promise.resolve(),
    stats: () => ({ hosts: 2, busyHosts: 1, calls: 0, pids: [] }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

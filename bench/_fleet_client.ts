import { signToken } from "../engine/auth/mod.ts";
import { Viewer } from "./_event_viewer.ts";
import { HOSTS_IN_USE, PIPELINES, PLAIN } from "./_fleet_folder.ts";
import { openLoad, type Task, type TaskReport } from "./_open_load.ts";
import { StalledViewer } from "../e2e/_stalled_viewer.ts";
import { type MemorySample, watchMemory } from "./_process_memory.ts";

/** Who looks on, and what is started meanwhile. */
export const CROWD = { events: 34, logs: 10, pollers: 6 } as const;
/** Runs a second of each kind, 100 together. */
const PACE = { plain: 84, pipe: 10, host: 6 } as const;
/** Viewers that look into what they get; the others count bytes, so that this process is not what is measured. */
const WATCHERS = 2;
const EVENTS = "/api/v1/events";
const MEMORY_EVERY_MS = 2_000;

/** What one stretch of load has shown. */
export interface Phase {
  readonly reports: readonly TaskReport[];
  /** Milliseconds from the end of a run until a viewer has it, in order of size. */
  readonly latencies: readonly number[];
  /** Ends of runs that viewers saw, as a share of the runs that were started. */
  readonly shareSeen: number;
  readonly memory: readonly MemorySample[];
}

/** A team at work: it starts runs, lists and shows them, and watches. */
export class FleetClient implements Disposable {
  readonly #server: { readonly port: number; readonly pid: number };
  readonly #tokens: readonly string[];
  readonly #viewers: Viewer[] = [];
  readonly #chatting = new AbortController();
  #latencies: number[] = [];
  readonly #rest: string[] = [];
  #started = 0;
  #newest = "";
  #count = 0;

  private constructor(
    server: { readonly port: number; readonly pid: number },
    tokens: readonly string[],
  ) {
    this.#server = server;
    this.#tokens = tokens;
  }

  /** Opens the streams of all viewers, each a person of its own. */
  static async open(
    server: { readonly port: number; readonly pid: number },
    secret: string,
  ): Promise<FleetClient> {
    const people = CROWD.events + CROWD.logs + CROWD.pollers + 1;
    const tokens = await Promise.all(
      Array.from({ length: people }, (_, i) =>
        signToken(
          secret,
          { subject: `viewer${i}`, scope: "admin", workflows: undefined, ttlMs: 3_600_000 },
          Date.now(),
        )),
    );
    const client = new FleetClient(server, tokens);
    for (let i = 0; i < CROWD.events; i++) {
      client.#viewers.push(
        await Viewer.open(server.port, {
          path: EVENTS,
          token: client.#tokenOf(i),
          ...i < WATCHERS ? { onText: (text) => client.#read(i, text) } : {},
        }),
      );
    }
    for (let i = 0; i < CROWD.logs; i++) void client.#followLogs(CROWD.events + i);
    return client;
  }

  /** Somebody more, who stops reading at once. */
  stall(): Disposable {
    return new StalledViewer(this.#server.port, { path: EVENTS, token: this.#tokenOf(0) });
  }

  /** Puts load on for so long, and says how it went. */
  async load(seconds: number): Promise<Phase> {
    this.#latencies = [];
    this.#started = 0;
    // There is one to show from the first moment on.
    this.#newest ||= JSON.parse(await this.#start(0)).runId;
    const stop = new AbortController();
    const watching = watchMemory(this.#server.pid, {
      everyMs: MEMORY_EVERY_MS,
      signal: stop.signal,
    });
    const reports = await openLoad(this.#tasks(), { durationMs: seconds * 1_000 });
    // The last ones end.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    stop.abort();
    return {
      reports,
      latencies: this.#latencies.sort((a, b) => a - b),
      shareSeen: this.#latencies.length / WATCHERS / this.#started,
      memory: await watching,
    };
  }

  /** The texts that the server answers, by task: for a server that does nothing else. */
  async bodies(): Promise<{ readonly [name: string]: string }> {
    const texts = this.#reads().map(async ([name, path]) => [name, await this.#get(path)] as const);
    const all = Object.fromEntries(await Promise.all(texts));
    return { ...all, start: await this.#start(0) };
  }

  [Symbol.dispose](): void {
    this.#chatting.abort();
    for (const viewer of this.#viewers) viewer[Symbol.dispose]();
  }

  #tasks(): readonly Task[] {
    const starts = Object.entries(PACE).map(([kind, perSecond]): Task => ({
      name: "start",
      perSecond,
      send: async () => {
        this.#started++;
        const { runId } = JSON.parse(await this.#start(this.#count++, kind as keyof typeof PACE));
        this.#newest = runId;
      },
    }));
    const paces = { runs: 5, run: 10, workflows: 2, jobs: CROWD.pollers / 5 };
    const reads = Object.entries(paces).map(([name, perSecond]): Task => ({
      name,
      perSecond,
      send: async () => {
        const path = this.#reads().find(([read]) => read === name)?.[1] ?? "";
        await this.#get(path);
      },
    }));
    return [...starts, ...reads];
  }

  #reads(): readonly (readonly [string, string])[] {
    return [
      ["runs", "/api/v1/runs?limit=50"],
      ["run", `/api/v1/runs/${this.#newest}`],
      ["workflows", "/api/v1/workflows?runs=10"],
      ["jobs", "/pipelines/jobs"],
    ];
  }

  async #start(index: number, kind: keyof typeof PACE = "plain"): Promise<string> {
    const many = { plain: PLAIN, pipe: PIPELINES, host: HOSTS_IN_USE }[kind];
    return await this.#call(`/api/v1/workflows/${kind}${index % many}/runs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: { name: `run ${index}`, target: "production" } }),
    });
  }

  #get(path: string): Promise<string> {
    return this.#call(path, {});
  }

  async #call(path: string, init: RequestInit & { headers?: HeadersInit }): Promise<string> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#tokenOf(this.#tokens.length - 1)}`);
    const url = `http://127.0.0.1:${this.#server.port}${path}`;
    const response = await fetch(url, { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${path}: ${text.slice(0, 200)}`);
    return text;
  }

  /** Follows the log of one run after another. */
  async #followLogs(person: number): Promise<void> {
    while (!this.#chatting.signal.aborted) {
      try {
        const { runId } = JSON.parse(
          await this.#call("/api/v1/workflows/chatty/runs", {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: "{}",
          }),
        );
        const viewer = await Viewer.open(this.#server.port, {
          path: `/api/v1/runs/${runId}/nodes/first/log`,
          token: this.#tokenOf(person),
        });
        this.#viewers.push(viewer);
        await viewer.done;
        viewer[Symbol.dispose]();
        this.#viewers.splice(this.#viewers.indexOf(viewer), 1);
      } catch (error) {
        if (this.#chatting.signal.aborted) return;
        throw error;
      }
    }
  }

  /** Finds ends of runs in what a viewer got. */
  #read(person: number, text: string): void {
    const now = Date.now();
    const all = (this.#rest[person] ?? "") + text;
    const end = all.lastIndexOf("\n\n");
    this.#rest[person] = all.slice(end + 1);
    for (const event of all.slice(0, end + 1).split("\n\n")) {
      const endedAt = /"completedAt":(\d+)/.exec(event)?.[1];
      if (endedAt === undefined || event.includes('"workflow":"chatty"')) continue;
      this.#latencies.push(now - Number(endedAt));
    }
  }

  #tokenOf(person: number): string {
    return this.#tokens[person] ?? "";
  }
}

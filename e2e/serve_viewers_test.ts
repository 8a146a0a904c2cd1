import assert from "node:assert/strict";
import { signToken } from "../engine/auth/mod.ts";
import { withFolder } from "./_engine_process.ts";
import { serve, type ServeProcess } from "./_serve_process.ts";
import { StalledViewer } from "./_stalled_viewer.ts";

const SECRET = "a secret of enough text";
const LIMIT_MS = 60_000;
/** In every line about a run: few runs make many bytes. */
const LONG_NAME = "a".repeat(5_000);
const RUNS = 3_000;
const AT_A_TIME = 50;
const LINES = 1_200;

const FILES = {
  "quick/workflow.yaml": `name: quick
version: "1.0"
nodes:
  only: { path: ./only.ts, isolation: none }
`,
  "quick/only.ts": "export default (_ctx: unknown, input: unknown) => input;\n",
  "pipelines.yml": `pipelines:
  wordy:
    tasks:
      write:
        script:
          - for i in $(seq 1 ${LINES}); do printf '%s %04096d\\n' "$i" 0; done
`,
};

interface Viewed {
  readonly kind: string;
  readonly data: { readonly runId: string; readonly status: string; readonly text: string };
}

/** Somebody who reads a stream as it comes. */
class Viewer implements AsyncDisposable {
  readonly seen: Viewed[] = [];
  readonly #leave = new AbortController();
  #reading: Promise<void> = Promise.resolve();
  #wake = (): void => {};

  static async open(url: string, token: string): Promise<Viewer> {
    const viewer = new Viewer();
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
      signal: viewer.#leave.signal,
    });
    assert.equal(response.status, 200);
    viewer.#reading = viewer.#read(response).catch(() => {});
    return viewer;
  }

  /** Resolves when what was seen is as wanted. */
  async until(isThere: (seen: readonly Viewed[]) => boolean): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!isThere(this.seen)) {
      assert.ok(performance.now() < deadline, `it did not come: ${this.seen.length} events did`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, 1_000);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
  }

  async #read({ body }: Response): Promise<void> {
    let rest = "";
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        const kind = /^event: (.*)$/m.exec(block)?.[1] ?? "message";
        if (data !== undefined) this.seen.push({ kind, data: JSON.parse(data) });
      }
      this.#wake();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
    await this.#reading;
  }
}

async function withServer(
  test: (server: ServeProcess, token: (subject: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  await withFolder(FILES, async (dir) => {
    await using server = await serve(dir, ["--no-watch", "--rate-limit", "0"], {
      PD_JWT_SECRET: SECRET,
    });
    await test(
      server,
      (subject) =>
        signToken(
          SECRET,
          { subject, scope: "run", workflows: undefined, ttlMs: 600_000 },
          Date.now(),
        ),
    );
  });
}

async function start(server: ServeProcess, path: string, token: string): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/workflows/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  const { runId } = await response.json();
  assert.ok(response.ok);
  return runId;
}

function endsIn(seen: readonly Viewed[]): readonly string[] {
  return seen.filter(({ data }) => data.status === "succeeded").map(({ data }) => data.runId);
}

Deno.test("a viewer that stops reading is told to look again, and others see each run begin and end", () =>
  withServer(async (server, token) => {
    const url = `${server.url}/api/v1/events`;
    const port = Number(new URL(server.url).port);
    using stalled = new StalledViewer(port, {
      path: "/api/v1/events",
      token: await token("stalled"),
    });
    await using first = await Viewer.open(url, await token("first"));
    await using second = await Viewer.open(url, await token("second"));
    const long = await token(LONG_NAME);
    const started: string[] = [];
    while (started.length < RUNS) {
      started.push(
        ...await Promise.all(
          Array.from({ length: AT_A_TIME }, () => start(server, "quick/runs?wait=true", long)),
        ),
      );
    }
    for (const viewer of [first, second]) {
      await viewer.until((seen) => endsIn(seen).length === RUNS);
      assert.deepEqual(endsIn(viewer.seen).toSorted(), started.toSorted());
      assert.equal(viewer.seen.some(({ kind }) => kind === "reset"), false);
      const over = new Set<string>();
      for (const { kind, data } of viewer.seen) {
        if (kind !== "run") continue;
        assert.equal(over.has(data.runId), false, "nothing follows the end of a run");
        if (data.status === "succeeded") over.add(data.runId);
      }
    }
    assert.deepEqual(endsIn(first.seen), endsIn(second.seen));
    const late = await untilReset(stalled);
    const all = RUNS * LONG_NAME.length;
    assert.ok(
      late.length < 0.75 * all,
      `the server kept ${late.length} of ${all} characters for it`,
    );
  }));

Deno.test("a viewer of a log that stops reading holds up neither the run nor who reads on", () =>
  withServer(async (server, token) => {
    const ann = await token("ann");
    const runId = await start(server, "wordy/runs", ann);
    const path = `/api/v1/runs/${runId}/nodes/write/log`;
    using _stalled = new StalledViewer(Number(new URL(server.url).port), { path, token: ann });
    await using first = await Viewer.open(server.url + path, ann);
    await using second = await Viewer.open(server.url + path, ann);
    const wanted = Array.from({ length: LINES }, (_, i) => `${i + 1} ${"0".repeat(4_096)}\n`).join(
      "",
    );
    for (const viewer of [first, second]) {
      await viewer.until((seen) => seen.at(-1)?.kind === "end");
      const text = viewer.seen.slice(0, -1).map(({ data }) => data.text).join("");
      assert.ok(
        text === wanted,
        `all of it, in order: ${text.length} of ${wanted.length} characters`,
      );
    }
  }));

/** What a viewer that was far behind reads until it is told so. */
async function untilReset(viewer: StalledViewer): Promise<string> {
  let text = "";
  for (const deadline = performance.now() + LIMIT_MS;;) {
    const more = viewer.take();
    text += more;
    if (text.includes("event: reset")) return text;
    assert.ok(performance.now() < deadline, `nobody told it: ${text.length} characters came`);
    if (more === "") await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

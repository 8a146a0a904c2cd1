import { createVerifier, signToken } from "../../engine/auth/mod.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import { openRegistry } from "../../engine/registry/mod.ts";
import { openService } from "../../engine/server/mod.ts";
import { openStorage } from "../../engine/storage/mod.ts";
import { measure, type Row, type Suite } from "../harness.ts";

/** What scripts of a `pipelines.yml` cost over prunner's API, beside the bare start of their shells. */
export const suite: Suite = { name: "serve_chain", measure: measureServeChain };

const SECRET = "a secret for a benchmark alone";
const TASKS = 10;
const JOBS = 1_000;
const OPTIONS = { warmUps: 5, samples: 40 };
const ASK_AGAIN_MS = 1;

async function measureServeChain(): Promise<readonly Row[]> {
  const dir = await Deno.makeTempDir({ prefix: "pd-bench-" });
  try {
    await Deno.writeTextFile(`${dir}/pipelines.yml`, pipelines());
    await using storage = await openStorage(`sqlite://${dir}/runs.db`, { clock: systemClock });
    await using registry = await openRegistry({
      storage,
      path: dir,
      pattern: "pipelines.yml",
      settings: { scripts: { cwd: dir, env: Deno.env.toObject() } },
    });
    await using server = await openService({
      registry,
      auth: createVerifier({ secret: SECRET, clock: systemClock }),
      issueToken: (claims) => signToken(SECRET, claims, Date.now()),
      host: "127.0.0.1",
      port: 0,
      clock: systemClock,
      requestsPerSecond: 0,
      onFault(error) {
        throw error;
      },
    });
    using client = await Client.open(server.url);
    const bare = await measure(bareChain, OPTIONS);
    const chain = await measure(() => client.run("chain"), OPTIONS);
    await Promise.all(Array.from({ length: JOBS }, () => client.schedule("barriers")));
    const last = await client.schedule("barriers");
    await client.over(last);
    const list = await measure(() => client.read("/pipelines/jobs"), OPTIONS);
    return [
      {
        what: `${TASKS} tasks of "true" one after another, from accepted to completed`,
        figure: chain.median,
        p90: chain.p90,
        unit: "ms",
        baseline: { what: `${TASKS} times bash -c true`, figure: bare.median },
        target: { atMost: 150 },
      },
      {
        what: `${JOBS} finished jobs listed`,
        figure: list.median,
        p90: list.p90,
        unit: "ms",
        target: { atMost: 10 },
      },
    ];
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function pipelines(): string {
  const tasks = Array.from({ length: TASKS }, (_, index) => {
    const after = index === 0 ? "" : `, depends_on: [t${index - 1}]`;
    return `      t${index}: { script: ["true"]${after} }`;
  });
  return `pipelines:
  chain:
    tasks:
${tasks.join("\n")}
  barriers:
    concurrency: 50
    tasks:
      a: {}
      b: { depends_on: [a] }
`;
}

async function bareChain(): Promise<void> {
  for (let count = 0; count < TASKS; count++) {
    await new Deno.Command("bash", { args: ["-c", "true"], stdin: "null" }).output();
  }
}

/** prunner's API as a client uses it. */
class Client implements Disposable {
  readonly #url: string;
  readonly #headers: { readonly authorization: string };
  readonly #http = Deno.createHttpClient({});

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}` };
  }

  static async open(url: string): Promise<Client> {
    const claims = { subject: "", scope: "admin", workflows: undefined, ttlMs: 3_600_000 } as const;
    return new Client(url, await signToken(SECRET, claims, Date.now()));
  }

  // deno-lint-ignore no-explicit-any
  async get(path: string, body?: string): Promise<any> {
    return JSON.parse(await this.read(path, body));
  }

  async read(path: string, body?: string): Promise<string> {
    const response = await fetch(`${this.#url}${path}`, {
      headers: this.#headers,
      client: this.#http,
      ...body === undefined ? {} : { method: "POST", body },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  }

  async schedule(pipeline: string): Promise<string> {
    return (await this.get("/pipelines/schedule", JSON.stringify({ pipeline }))).jobId;
  }

  async over(id: string): Promise<void> {
    for (;;) {
      const job = await this.get(`/job/detail?id=${id}`);
      if (job.errored) throw new Error(job.lastError);
      if (job.completed) return;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  async run(pipeline: string): Promise<void> {
    await this.over(await this.schedule(pipeline));
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }
}

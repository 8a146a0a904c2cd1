import assert from "node:assert/strict";

/** A job as a client reads it; what may be missing is optional. */
export interface JobSeen {
  readonly id: string;
  readonly pipeline: string;
  readonly tasks: readonly TaskSeen[];
  readonly completed: boolean;
  readonly canceled: boolean;
  readonly errored: boolean;
  readonly created: string;
  readonly start?: string;
  readonly end?: string;
  readonly lastError?: string;
  readonly variables?: { readonly [name: string]: unknown };
  readonly user: string;
}

/** A task of it. */
export interface TaskSeen {
  readonly name: string;
  readonly dependsOn?: readonly string[];
  readonly status: string;
  readonly start?: string;
  readonly end?: string;
  readonly skipped: boolean;
  readonly exitCode: number;
  readonly errored: boolean;
  readonly error?: string;
}

/** What `GET /pipelines/jobs` answers. */
export interface JobsSeen {
  readonly pipelines: readonly {
    readonly pipeline: string;
    readonly schedulable: boolean;
    readonly running: boolean;
  }[];
  readonly jobs: readonly JobSeen[];
}

/** How a request is sent. */
export interface RequestOptions {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: { readonly [name: string]: string };
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** Of the text; undefined when it is no JSON. */
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

const LIMIT_MS = 20_000;
const ASK_AGAIN_MS = 15;

/** prunner's API as its clients use it, with a token of their own making. */
export class PrunnerClient implements Disposable {
  readonly url: string;
  readonly #secret: string;
  readonly #http = Deno.createHttpClient({});

  constructor(url: string, secret: string) {
    this.url = url;
    this.#secret = secret;
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }

  /** A token with these claims, signed with the server's secret unless told otherwise. */
  token(claims: object, secret = this.#secret): Promise<string> {
    return signHs256(claims, secret);
  }

  /** Sends a request just as it is, without a token. */
  async send(path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { ...options, client: this.#http });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    return {
      status: response.status,
      type,
      text,
      body: type.includes("json") ? JSON.parse(text) : undefined,
    };
  }

  /** Sends a request with a token of a minute, of user "e2e" unless other claims are given. */
  async call(
    path: string,
    options: RequestOptions = {},
    claims: object = { sub: "e2e" },
  ): Promise<Answer> {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const authorization = `Bearer ${await this.token({ exp, ...claims })}`;
    return await this.send(path, { ...options, headers: { authorization, ...options.headers } });
  }

  /** Schedules a job as it is asked; whatever is answered. */
  trySchedule(pipeline: string, more: object = {}, claims?: object): Promise<Answer> {
    const body = JSON.stringify({ pipeline, ...more });
    return this.call("/pipelines/schedule", { method: "POST", body }, claims);
  }

  /** Schedules a job that is accepted; its id. */
  async schedule(pipeline: string, variables?: object, more: object = {}): Promise<string> {
    const { status, text, body } = await this.trySchedule(pipeline, {
      ...variables === undefined ? {} : { variables },
      ...more,
    });
    assert.equal(status, 202, text);
    return body.jobId;
  }

  async job(id: string): Promise<JobSeen> {
    const { status, text, body } = await this.call(`/job/detail?id=${id}`);
    assert.equal(status, 200, text);
    return body;
  }

  async jobs(query = ""): Promise<JobsSeen> {
    const { status, text, body } = await this.call(`/pipelines/jobs${query}`);
    assert.equal(status, 200, text);
    return body;
  }

  /** How one pipeline is listed. */
  async pipeline(name: string): Promise<JobsSeen["pipelines"][number] | undefined> {
    const { body } = await this.call("/pipelines/");
    return (body as JobsSeen).pipelines.find(({ pipeline }) => pipeline === name);
  }

  async logs(id: string, task: string): Promise<{ stdout: string; stderr: string }> {
    const { status, text, body } = await this.call(`/job/logs?id=${id}&task=${task}`);
    assert.equal(status, 200, text);
    return body;
  }

  cancel(id: string): Promise<Answer> {
    return this.call(`/job/cancel?id=${id}`, { method: "POST" });
  }

  /** The job once it looks as wanted. Fails when that does not come. */
  async until(
    id: string,
    isWanted: (job: JobSeen) => boolean | Promise<boolean>,
  ): Promise<JobSeen> {
    let job = await this.job(id);
    await untilTrue(
      async () => await isWanted(job = await this.job(id)),
      () => JSON.stringify(job),
    );
    return job;
  }

  over(id: string): Promise<JobSeen> {
    return this.until(id, ({ completed }) => completed);
  }

  begun(id: string): Promise<JobSeen> {
    return this.until(id, ({ start }) => start !== undefined);
  }

  /** Schedules a job and waits for its end. */
  async run(pipeline: string, variables?: object): Promise<JobSeen> {
    return await this.over(await this.schedule(pipeline, variables));
  }
}

/** Asks again until it is so. Fails, with what is there instead, when that does not come. */
export async function untilTrue(
  ask: () => boolean | Promise<boolean>,
  state: () => string = () => "",
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!await ask()) {
    if (performance.now() > deadline) assert.fail(`It never became so: ${state()}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** How the tasks of a job stand, by name. */
export function statuses({ tasks }: JobSeen): { readonly [task: string]: string } {
  return Object.fromEntries(tasks.map(({ name, status }) => [name, status]));
}

/** The task of that name. */
export function task({ tasks }: JobSeen, name: string): TaskSeen {
  const found = tasks.find((one) => one.name === name);
  assert.ok(found, `no task ${name}`);
  return found;
}

/** A JWT as RFC 7515 and RFC 7518 have it, without the engine's own code. */
export async function signHs256(
  claims: object,
  secret: string,
  header: object = { alg: "HS256", typ: "JWT" },
): Promise<string> {
  const encoder = new TextEncoder();
  const signed = `${base64Url(encoder.encode(JSON.stringify(header)))}.${
    base64Url(encoder.encode(JSON.stringify(claims)))
  }`;
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(signed));
  return `${signed}.${base64Url(new Uint8Array(signature))}`;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

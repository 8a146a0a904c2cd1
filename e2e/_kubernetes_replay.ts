import { makeCertificates } from "./_certificates.ts";

/** One recorded request and its answer. */
export interface Exchange {
  readonly note?: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly contentType?: string;
  readonly warning?: string;
  readonly request?: unknown;
  readonly body?: unknown;
  readonly text?: string;
  readonly lines?: readonly string[];
}

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly body: string;
}

const TOKEN = "token-of-the-test";
const NOTHING = {
  status: 404,
  body: { kind: "Status", apiVersion: "v1", message: "not recorded" },
};
/** Pods of `pd run --via pod` have a name of their own each time: recordings say `*`. */
const RUN_POD = /-run-[0-9a-f]{8}(?=\/|$)/;
/** Most workflows have none. */
const SELDOM = /\/ingresses\/[^/]+$/;
/** Empty where a recording has no such list. */
const LISTS = /\/(pods|events|cronjobs|jobs|replicasets|deployments)$/;

/** Reads what was recorded of a real cluster. */
export async function readRecording(name: string): Promise<readonly Exchange[]> {
  const url = new URL(`testdata/kubernetes/${name}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url)).exchanges;
}

/** What a real cluster said when one right was taken away. */
export interface MissingRight {
  readonly operation: string;
  /** Such as `apps deployments patch`. */
  readonly right: string;
  readonly said: string;
}

/** Reads what was recorded of each operation without each of its rights. */
export async function readRights(): Promise<readonly MissingRight[]> {
  const url = new URL("testdata/kubernetes/rbac-proof.json", import.meta.url);
  return JSON.parse(await Deno.readTextFile(url)).rows;
}

/**
 * An API server that answers as it was recorded, over HTTPS: exchanges of one method and path in their order, the
 * last of them for ever. Holds each request against what a cluster demands; `problems` is what it found.
 */
export class KubernetesReplay implements AsyncDisposable {
  readonly folder: string;
  readonly asked: Asked[] = [];
  readonly problems: string[] = [];
  readonly #answers = new Map<string, Exchange[]>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Requests that begin so are never answered. */
  silentAt: string | undefined;
  readonly #ends = new AbortController();
  readonly #waiting: { readonly part: string; readonly tell: () => void }[] = [];

  private constructor(folder: string, tls: { readonly key: string; readonly cert: string }) {
    this.folder = folder;
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      ...tls,
      onListen() {},
    }, (request) => this.#answer(request));
  }

  /** Starts it with recorded exchanges. */
  static async start(exchanges: readonly Exchange[]): Promise<KubernetesReplay> {
    const folder = await Deno.makeTempDir({ prefix: "pd_replay_" });
    await makeCertificates(folder);
    const [key = "", cert = ""] = await Promise.all(
      ["server.key", "server.pem"].map((name) => Deno.readTextFile(`${folder}/${name}`)),
    );
    const replay = new KubernetesReplay(folder, { key, cert });
    replay.add(exchanges);
    await Deno.writeTextFile(replay.kubeconfig, JSON.stringify(replay.#config()));
    return replay;
  }

  /** A kubeconfig with a context for it. */
  get kubeconfig(): string {
    return `${this.folder}/kubeconfig`;
  }

  /** Answers these too. */
  add(exchanges: readonly Exchange[]): void {
    for (const exchange of exchanges) {
      const key = `${exchange.method} ${exchange.path.replace(/\?.*/s, "")}`;
      this.#answers.set(key, [...this.#answers.get(key) ?? [], exchange]);
    }
  }

  /** Requests that change something, as `PATCH /path`. */
  get changes(): readonly string[] {
    return this.asked.filter(({ method }) => method !== "GET").map(({ method, path }) =>
      `${method} ${path}`
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ends.abort();
    await this.#server.shutdown();
    await Deno.remove(this.folder, { recursive: true });
  }

  #config() {
    return {
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "c", user: "u", namespace: "apply-ns" } }],
      clusters: [{
        name: "c",
        cluster: {
          server: `https://localhost:${this.#server.addr.port}`,
          "certificate-authority": "ca.pem",
        },
      }],
      users: [{ name: "u", user: { token: TOKEN } }],
    };
  }

  /** Resolves at the first request from now on whose path holds `part`. */
  untilAsked(part: string): Promise<void> {
    return new Promise((tell) => this.#waiting.push({ part, tell }));
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const asked: Asked = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      accept: request.headers.get("accept") ?? "",
      contentType: request.headers.get("content-type") ?? "",
      body: await request.text(),
    };
    this.asked.push(asked);
    for (const { part, tell } of this.#waiting) if (asked.path.includes(part)) tell();
    this.#check(asked, request.headers.get("authorization"));
    if (this.silentAt !== undefined && asked.path.startsWith(this.silentAt)) {
      const { signal } = this.#ends;
      await new Promise<void>((done) => signal.addEventListener("abort", () => done()));
    }
    if (asked.query.has("watch")) return new Response(null, { status: 200 });
    return this.#recorded(asked);
  }

  #recorded({ method, path, accept }: Asked): Response {
    const left = this.#answers.get(`${method} ${path.replace(RUN_POD, "-run-*")}`);
    const exchange = left !== undefined && left.length > 1 ? left.shift() : left?.[0];
    if (exchange === undefined) {
      if (method === "GET" && LISTS.test(path)) return Response.json({ metadata: {}, items: [] });
      if (method !== "DELETE" && !SELDOM.test(path)) {
        this.problems.push(`not recorded: ${method} ${path}`);
      }
      return Response.json(NOTHING.body, { status: NOTHING.status });
    }
    const headers = new Headers();
    if (exchange.warning !== undefined) headers.set("warning", exchange.warning);
    const { status, text, lines } = exchange;
    if (status === 204) return new Response(null, { status, headers });
    if (text !== undefined && exchange.body === undefined) {
      return new Response(text, { status, headers });
    }
    if (lines !== undefined) return new Response(lines.join("\n") + "\n", { status, headers });
    headers.set("content-type", "application/json");
    return new Response(JSON.stringify(bodyOf(exchange, accept)), { status, headers });
  }

  /** What a real cluster refuses, or what must never be asked of one. */
  #check({ method, path, query, accept, contentType, body }: Asked, token: string | null): void {
    const at = `${method} ${path}`;
    if (token !== `Bearer ${TOKEN}`) this.problems.push(`${at}: no token`);
    if (method === "PATCH") {
      if (contentType !== "application/apply-patch+yaml") {
        this.problems.push(`${at}: content type ${contentType}`);
      }
      if (query.get("fieldManager") !== "pipedreamer") this.problems.push(`${at}: no manager`);
      if (!/^(true|false)$/.test(query.get("force") ?? "")) this.problems.push(`${at}: no force`);
      const { kind, metadata, stringData } = JSON.parse(body);
      if (metadata.name !== path.split("/").at(-1)) this.problems.push(`${at}: another name`);
      if (metadata.managedFields !== undefined) this.problems.push(`${at}: managed fields`);
      if (stringData !== undefined) this.problems.push(`${at}: stringData`);
      if (kind === "Secret" && !accept.includes("as=PartialObjectMetadata")) {
        this.problems.push(`${at}: would answer with the values of a Secret`);
      }
    }
    if (method === "POST" && contentType !== "application/json") {
      this.problems.push(`${at}: content type ${contentType}`);
    }
    const isPod = path.includes("/pods/");
    if (method === "DELETE" && !isPod && query.get("propagationPolicy") !== "Background") {
      this.problems.push(`${at}: propagation policy`);
    }
  }
}

/** As a real API server does it for this `Accept`. */
function bodyOf({ body, status }: Exchange, accept: string): unknown {
  if (status >= 300 || !accept.includes("as=PartialObjectMetadata")) return body;
  const { metadata } = body as { readonly metadata: unknown };
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

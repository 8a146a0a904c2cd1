import { ChaosEngine } from "./_chaos_engine.ts";
import type { NatsServer } from "./_nats_server.ts";

/** How long an order may be away. */
const PATIENCE_MS = 60_000;

/** Tells the shop of an order, and does it, if it is one that can be done. */
const NODE = `
export default async function run(ctx: any, { id, poison }: any): Promise<string> {
  const { id: run, attempt } = ctx.run;
  const order = new URLSearchParams({ id, run, attempt });
  await (await ctx.fetch("shop", "/order?" + order, { method: "POST" })).body?.cancel();
  if (poison) throw new Error("no price is known for " + id);
  return id;
}
`;

/**
 * A workflow that takes orders from the stream ORDERS, in a folder of its own with a SQLite storage beside it,
 * and who counts what its node, in a host, was told to do. Its engine is a process of its own.
 */
export class OrderShop implements AsyncDisposable {
  readonly dir: string;
  readonly storageUrl: string;
  readonly #root: string;
  readonly #server: Deno.HttpServer;
  readonly #begun = new Set<string>();
  readonly #attempts: string[] = [];
  #engine: ChaosEngine | undefined;
  #wake = (): void => {};

  private constructor(root: string) {
    this.#root = root;
    this.dir = `${root}/shop`;
    this.storageUrl = `sqlite://${root}/runs.db`;
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, ({ url }) => {
      const order = new URL(url).searchParams;
      this.#begun.add(order.get("id") ?? "");
      this.#attempts.push(`${order.get("run")} ${order.get("attempt")}`);
      this.#wake();
      return new Response();
    });
  }

  static async open(nats: NatsServer): Promise<OrderShop> {
    const shop = new OrderShop(await Deno.realPath(await Deno.makeTempDir({ prefix: "pd_shop_" })));
    const { port } = shop.#server.addr as Deno.NetAddr;
    await Deno.mkdir(`${shop.dir}/.secrets`, { recursive: true });
    await Deno.writeTextFile(
      `${shop.dir}/.secrets/nats.json`,
      JSON.stringify({ token: nats.token }),
    );
    await shop.#writeNode(NODE);
    await Deno.writeTextFile(
      `${shop.dir}/workflow.yaml`,
      `name: shop
version: "1.0"
triggers:
  - { type: queue, subject: orders, stream: ORDERS, durable: worker, max_deliver: 3 }
services:
  shop: { url: "http://127.0.0.1:${port}" }
nodes:
  price: { path: ./price.ts, permissions: { net: [127.0.0.1] } }
config: { nats_url: "${nats.url}" }
`,
    );
    return shop;
  }

  /** Every attempt of its node that was told, as `<run> <attempt>`. */
  get attempts(): readonly string[] {
    return this.#attempts;
  }

  /** How many different orders were begun. */
  get begun(): number {
    return this.#begun.size;
  }

  /** From now on orders without a price are done as well. */
  async fixNode(): Promise<void> {
    await this.#writeNode(NODE.replace(/^.*if \(poison\).*\n/m, ""));
  }

  async #writeNode(source: string): Promise<void> {
    await Deno.writeTextFile(`${this.dir}/price.ts`, source);
  }

  /** Starts the engine; resolves when it listens. */
  async start(): Promise<void> {
    this.#engine = ChaosEngine.start(this.dir, this.storageUrl);
    await this.#engine.url;
  }

  /** SIGKILL of an engine that was well until now. */
  async kill(): Promise<void> {
    await this.#checkHealth();
    await this.#engine?.kill();
  }

  /** SIGTERM; fails when the engine did not end in order. */
  async stop(): Promise<void> {
    await this.#checkHealth();
    await this.#engine?.stop();
  }

  /** Resolves when so many different orders were begun. */
  async until(count: number): Promise<void> {
    while (this.#begun.size < count) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const late = new Error(`${this.#begun.size} of ${count} orders were begun`);
      const timer = setTimeout(() => reject(late), PATIENCE_MS);
      this.#wake = resolve;
      await promise.finally(() => clearTimeout(timer));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.kill();
    await this.#server.shutdown();
    await Deno.remove(this.#root, { recursive: true });
  }

  async #checkHealth(): Promise<void> {
    if (this.#engine === undefined) return;
    const response = await fetch(`${await this.#engine.url}/health`);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the engine answers ${response.status}`);
  }
}

import { createVerifier, signToken, type TokenClaims } from "../../auth/mod.ts";
import { systemClock } from "../../clock/mod.ts";
import { type OpenRegistry, openRegistry } from "../../registry/mod.ts";
import { openStorage, type Storage } from "../../storage/mod.ts";
import { createService } from "../service/mod.ts";
import { prunnerRoutes } from "./mod.ts";

const SECRET = "correct horse battery staple";

/** prunner's API over workflows of a test, without a socket. */
export interface TestPrunner {
  readonly registry: OpenRegistry;
  readonly storage: Storage;
  /** Events that were read from the storage so far. */
  eventsRead(): number;
  /** As an admin, unless other claims are given. */
  ask(path: string, init?: RequestInit, claims?: Partial<TokenClaims>): Promise<TestAnswer>;
  /** Schedules a job; its id. */
  schedule(pipeline: string, more?: object): Promise<string>;
  /** Schedules a job and waits until it is over; its id. */
  run(pipeline: string): Promise<string>;
  /** The same over the same storage, as after a restart of the server. */
  reopened(test: (prunner: TestPrunner) => Promise<void>): Promise<void>;
}

/** An answer, read whole. */
export interface TestAnswer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** Hands the API over the workflows of some files to the test, and ends it. */
export async function withPrunner(
  files: { readonly [path: string]: string },
  test: (prunner: TestPrunner) => Promise<void>,
  { storageUrl = "memory:" } = {},
): Promise<void> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-prunner-" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = `${path}/${name}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    const url = storageUrl.replace("{path}", path);
    await using storage = await openStorage(url, { clock: systemClock });
    await open(path, storage, test);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function open(
  path: string,
  inner: Storage,
  test: (prunner: TestPrunner) => Promise<void>,
): Promise<void> {
  const reads = { events: 0 };
  const storage = counting(inner, reads);
  {
    await using registry = await openRegistry({
      path,
      storage,
      pattern: "**/pipelines.{yml,yaml}",
      clock: systemClock,
    });
    await test(prunnerOver(registry, {
      storage,
      eventsRead: () => reads.events,
      reopened: async (again) => {
        await registry[Symbol.asyncDispose]();
        await open(path, inner, again);
      },
    }));
  }
}

function prunnerOver(
  registry: OpenRegistry,
  more: Pick<TestPrunner, "storage" | "eventsRead" | "reopened">,
): TestPrunner {
  const service = createService({
    registry,
    groups: [prunnerRoutes(registry, { clock: systemClock })],
    auth: createVerifier({ secret: SECRET, clock: systemClock }),
    host: "127.0.0.1",
    port: 9009,
    limits: { requestsPerSecond: 0 },
  });
  const ask: TestPrunner["ask"] = async (path, init = {}, claims = {}) => {
    const token = await signToken(SECRET, {
      subject: "ann",
      scope: "admin",
      workflows: undefined,
      ttlMs: 60_000,
      ...claims,
    }, Date.now());
    const headers = { authorization: `Bearer ${token}`, host: "127.0.0.1:9009" };
    const request = new Request(`http://127.0.0.1:9009${path}`, { ...init, headers });
    const response = await service.handle(request, "10.0.0.1");
    return { status: response.status, body: await response.json() };
  };
  const schedule: TestPrunner["schedule"] = async (pipeline, variables) => {
    const body = JSON.stringify({ pipeline, variables });
    return (await ask("/pipelines/schedule", { method: "POST", body })).body.jobId;
  };
  return {
    ...more,
    registry,
    ask,
    schedule,
    async run(pipeline) {
      const id = await schedule(pipeline);
      await (await registry.findRun(id))?.run.result;
      return id;
    },
  };
}

/** The same storage, with what is read of it counted. */
function counting(storage: Storage, reads: { events: number }): Storage {
  return new Proxy(storage, {
    get(target, name) {
      if (name === "readEvents") {
        return async (...args: Parameters<Storage["readEvents"]>) => {
          const events = await target.readEvents(...args);
          reads.events += events.length;
          return events;
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

import { createVerifier, signToken, type TokenClaims } from "../../auth/mod.ts";
import { type Clock, systemClock } from "../../clock/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import { type OpenRegistry, openRegistry } from "../../registry/mod.ts";
import { openRepositories, type Repositories } from "../../repositories/mod.ts";
import { openSchedules, type Schedules } from "../../schedules/mod.ts";
import { openStorage } from "../../storage/mod.ts";
import { createService } from "../service/mod.ts";
import type { ApiContext } from "./api_context.ts";
import { createGroup } from "./mod.ts";

const SECRET = "correct horse battery staple";

/** A server of workflows without a socket. */
export interface TestApi {
  readonly registry: OpenRegistry;
  /** What its routes are made of. */
  readonly parts: Omit<ApiContext, "registry">;
  readonly faults: unknown[];
  /** As an admin, unless the headers say otherwise. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of an answer, and its status. */
  ask(path: string, init?: RequestInit): Promise<{ status: number; body: JsonObject }>;
  post(path: string, body?: unknown, init?: RequestInit): ReturnType<TestApi["ask"]>;
  /** Headers with a token of an hour. */
  bearer(claims?: Partial<TokenClaims>): Promise<{ authorization: string }>;
}

/** Hands a server over the workflows of some files to the test, and ends it. */
export async function withApi(
  files: { readonly [path: string]: string },
  test: (api: TestApi) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-api-" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = `${path}/${name}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    await using storage = await openStorage("memory:", { clock });
    await using registry = await openRegistry({
      path,
      storage,
      clock,
      pattern: "**/pipelines.{yml,yaml}",
      stored: { dataDir: `${path}/.data` },
    });
    const options = { clock, random: () => 0, log() {} };
    await using schedules = await openSchedules(registry, options);
    await using repositories = await openRepositories({
      registry,
      clock,
      dir: `${path}/.repositories`,
      driver: undefined,
      env: (name) => Deno.env.get(name),
    });
    await test(await openApi(registry, { clock, schedules, repositories }));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function openApi(
  registry: OpenRegistry,
  { clock, schedules, repositories }: {
    readonly clock: Clock;
    readonly schedules: Schedules;
    readonly repositories: Repositories;
  },
): Promise<TestApi> {
  const faults: unknown[] = [];
  const issueToken = (claims: TokenClaims) => signToken(SECRET, claims, clock.now());
  const service = createService({
    registry,
    groups: [await createGroup({ registry, clock, issueToken, schedules, repositories })],
    auth: createVerifier({ secret: SECRET, clock }),
    host: "127.0.0.1",
    port: 9009,
    clock,
    limits: { requestsPerSecond: 0, badTokensPerMinute: 1_000_000 },
    onFault: (error) => void faults.push(error),
  });
  async function bearer(claims: Partial<TokenClaims> = {}) {
    const token = await issueToken({
      subject: "ann",
      scope: "admin",
      workflows: undefined,
      ttlMs: 3_600_000,
      ...claims,
    });
    return { authorization: `Bearer ${token}` };
  }
  const admin = await bearer();
  const send: TestApi["send"] = (path, init = {}) => {
    const headers = new Headers(init.headers ?? admin);
    headers.set("host", "127.0.0.1:9009");
    const url = `http://127.0.0.1:9009/api/v1${path}`;
    return service.handle(new Request(url, { ...init, headers }), "10.0.0.1");
  };
  const ask: TestApi["ask"] = async (path, init) => {
    const response = await send(path, init);
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  };
  return {
    registry,
    parts: { clock, issueToken, schedules, repositories },
    faults,
    send,
    ask,
    bearer,
    post: (path, body, init) =>
      ask(path, {
        ...init,
        method: "POST",
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      }),
  };
}

/** The files of a workflow whose one node, in the engine, answers what `answer` says. */
export function flow(
  folder: string,
  { answer = "input", more = "" }: { readonly answer?: string; readonly more?: string } = {},
): { readonly [path: string]: string } {
  return {
    [`${folder}/workflow.yaml`]:
      `name: ${folder}\nversion: "1.0"\ndescription: Of a test\nnodes:\n  only: { path: ./only.ts, isolation: none }\n${more}`,
    [`${folder}/only.ts`]:
      `export default async function run(ctx: any, input: any): Promise<any> {\n  return ${answer};\n}\n`,
  };
}

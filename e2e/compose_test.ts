import assert from "node:assert/strict";
import { parse } from "yaml";
import { DEFAULT_BASE_IMAGE } from "../builder/base_image.ts";
import { signToken } from "../engine/auth/mod.ts";
import { withFolder } from "./_engine_process.ts";
import { natsClient } from "./_nats_client.ts";
import { findNats, startNats } from "./_nats_server.ts";
import { pd } from "./_pd_process.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { serve } from "./_serve_process.ts";
import { ensurePackage } from "./packages.ts";

const PLACE = new URL("../deploy/compose/", import.meta.url).pathname;
const SECRET = "a secret of enough text";
const PASSWORD = "letters4and5digits";
const compose = await ensurePackage("docker-compose", "docker-compose");
const postgres = await findPostgres();
const nats = await findNats();

interface ComposeService {
  readonly environment?: { readonly [name: string]: string };
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

interface ComposeFile {
  readonly services: { readonly [name: string]: ComposeService };
}

/** What `docker-compose config` says of the file with these variables. */
async function config(env: { readonly [name: string]: string }): Promise<Deno.CommandOutput> {
  return await new Deno.Command("docker-compose", {
    args: ["--file", `${PLACE}compose.yaml`, "config"],
    env: { ...env },
    stdout: "piped",
    stderr: "piped",
  }).output();
}

async function readCompose(): Promise<ComposeFile> {
  const { success, stdout, stderr } = await config({
    PD_JWT_SECRET: SECRET,
    PD_POSTGRES_PASSWORD: PASSWORD,
  });
  assert.ok(success, new TextDecoder().decode(stderr));
  return parse(new TextDecoder().decode(stdout));
}

/** What `ENV` lines of the Dockerfile set. */
async function imageEnvironment(): Promise<{ readonly [name: string]: string }> {
  const text = await Deno.readTextFile(`${PLACE}Dockerfile`);
  return Object.fromEntries(
    [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = ""]) =>
      line.split(" ").map((one) => one.split("=") as [string, string])
    ),
  );
}

Deno.test("the image of pd serve has the version of Deno that containers are built on", async () => {
  const version = DEFAULT_BASE_IMAGE.split("-").at(-1);
  const text = await Deno.readTextFile(`${PLACE}Dockerfile`);
  assert.deepEqual(/^FROM (.*)$/m.exec(text)?.[1], `denoland/deno:debian-${version}`);
});

Deno.test("variables of the image and the compose file are flags of pd serve", async () => {
  const { stdout } = await pd(["serve", "--help"], { cwd: PLACE, env: {} });
  const flags = new Set([...stdout.matchAll(/--([a-z-]+)/g)].map(([, flag]) => flag));
  const text = await Deno.readTextFile(`${PLACE}compose.yaml`);
  const names = [
    ...Object.keys(await imageEnvironment()),
    ...[...text.matchAll(/^ {6}(PD_\w+):/gm)].map(([, name = ""]) => name),
  ].filter((name) => name.startsWith("PD_"));
  assert.ok(names.length >= 7, names.join());
  for (const name of names) {
    assert.ok(flags.has(name.slice("PD_".length).toLowerCase().replaceAll("_", "-")), name);
  }
});

Deno.test({
  name: "compose.yaml is one that docker-compose takes, and asks for the secrets that are missing",
  ignore: compose.status === "missing",
  async fn() {
    const { services } = await readCompose();
    assert.deepEqual(Object.keys(services).toSorted(), ["nats", "pd", "postgres"]);
    for (const missing of ["PD_JWT_SECRET", "PD_POSTGRES_PASSWORD"]) {
      const given = { PD_JWT_SECRET: SECRET, PD_POSTGRES_PASSWORD: PASSWORD, [missing]: "" };
      const { success, stderr } = await config(given);
      assert.equal(success, false);
      assert.match(new TextDecoder().decode(stderr), /set it in deploy\/compose\/\.env/);
    }
    const example = await Deno.readTextFile(`${PLACE}.env.example`);
    const text = await Deno.readTextFile(`${PLACE}compose.yaml`);
    for (const [, name = ""] of text.matchAll(/\$\{(\w+)/g)) {
      assert.match(example, new RegExp(`^${name}=`, "m"));
    }
  },
});

Deno.test({
  name:
    "the server of the compose file runs workflows on PostgreSQL, by API and by messages of NATS",
  ignore: [compose, postgres, nats].some(({ status }) => status === "missing"),
  async fn() {
    const { services } = await readCompose();
    await using database = await startPostgres();
    await using messages = await startNats();
    await database.sql(`CREATE ROLE pipedreamer LOGIN PASSWORD '${PASSWORD}'`);
    await database.sql("CREATE DATABASE pipedreamer OWNER pipedreamer");
    const own = services["pd"]?.environment ?? {};
    const storage = own["PD_STORAGE"] ?? "";
    assert.ok(storage.includes("@postgres:5432/"));
    const { PD_DATA = "", PD_PATH = "", PD_ADDRESS = "" } = await imageEnvironment();
    assert.deepEqual([PD_DATA, PD_PATH, PD_ADDRESS], ["/data", "/workflows", "0.0.0.0:9009"]);
    const files = workflows(messages.directUrl, messages.token);
    await withFolder(files, async (dir) => {
      await using server = await serve(dir, [], {
        ...own,
        PD_STORAGE: storage.replace("@postgres:5432/", `@127.0.0.1:${database.port}/`),
        PD_DATA: `${dir}/data`,
        PD_PATH: dir,
      });
      const port = new URL(server.url).port;
      const health = await checkHealth(services["pd"]?.healthcheck?.test ?? [], port);
      assert.equal(health, 0);
      const claims = {
        subject: "ann",
        scope: "admin",
        workflows: undefined,
        ttlMs: 60_000,
      } as const;
      const authorization = `Bearer ${await signToken(SECRET, claims, Date.now())}`;
      const status = await server.status("/api/v1/workflows/greet/runs?wait=true", {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ input: { name: "Ann" } }),
      });
      assert.equal(status, 200);
      await using client = await natsClient(messages);
      // Core NATS keeps nothing: it is there once the server has subscribed.
      const answer = await untilAnswered(() =>
        client.connection.request("greet", '{"name": "Bo"}', { timeout: 5_000 })
      );
      assert.match(answer, /Hello, Bo/);
      assert.equal(await server.end("SIGINT"), 0);
      assert.equal(await checkHealth(services["pd"]?.healthcheck?.test ?? [], port), 1);
    });
    assert.equal(
      await database.sql(
        "SELECT count(*) FROM pipedreamer.pipeline_runs WHERE status = 'success'",
        "pipedreamer",
      ),
      "2",
    );
  },
});

/** A workflow that greets, also whoever sends a message. */
function workflows(url: string, token: string): { readonly [path: string]: string } {
  return {
    "greet/workflow.yaml": `name: greet
version: "1.0"
triggers:
  - { type: queue, subject: greet }
config: { nats_url: "${url}" }
nodes:
  hello: { path: ./hello.ts }
`,
    "greet/hello.ts":
      "export default (_ctx: unknown, { name }: { name: string }) => ({ text: `Hello, ${name}` });\n",
    "greet/.secrets/nats.json": JSON.stringify({ token }),
  };
}

/** The exit code of the health check of the container, on a server here. */
async function checkHealth(test: readonly string[], port: string): Promise<number> {
  const [kind, command = "", ...args] = test;
  assert.equal(kind, "CMD");
  const { code } = await new Deno.Command(command, {
    args: args.map((text) =>
      text.replaceAll("$$", "$").replace("127.0.0.1/9009", `127.0.0.1/${port}`)
    ),
    stderr: "null",
  }).output();
  return code;
}

const NO_RESPONDERS = /no responders|503/i;

async function untilAnswered(ask: () => Promise<{ string(): string }>): Promise<string> {
  for (const deadline = performance.now() + 20_000;;) {
    try {
      return (await ask()).string();
    } catch (error) {
      if (!NO_RESPONDERS.test(String(error)) || performance.now() > deadline) throw error;
    }
  }
}

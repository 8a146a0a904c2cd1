import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { withEngine, withFolder } from "./_engine_process.ts";
import { useOwnData } from "./_own_data.ts";

useOwnData();

const PD = new URL("../pd", import.meta.url).pathname;
const MOUNTED = "/app/secrets";

/** One per place that secrets come from. Unlike any token shape, so that only their values can be known. */
const CANARIES = {
  folder: "canary/folder+7Qm2Zx9Lk4",
  file: "canary file: 8Rn3Ya0Mj5 äö",
  mounted: "canary-mounted-9So4Xb1Ni6",
};

const SECRETS = {
  ".secrets/alpha.json": JSON.stringify({ token: CANARIES.folder }),
  ".secrets.yaml": `beta: { api_key: ${JSON.stringify(CANARIES.file)} }\n`,
};

/** Says every secret that it has, in every way that it can think of. */
const LEAKY = `import { TerminalError } from "pipedreamer";
import type { Context } from "pipedreamer";

export default async function run(ctx: Context, input: { url: string; end: string }) {
  const values = Object.values(ctx.secrets).flatMap((service) => Object.values(service));
  if (values.length < 2) throw new Error("too few secrets: " + values.length);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const base64 = (text: string) => btoa(String.fromCharCode(...bytes(text)));
  for (const value of values) {
    const half = value.length / 2;
    console.log("plain", value, [value], { [value]: value });
    console.error(new Error(value));
    ctx.log.info(value, { value, nested: [value] });
    ctx.log.debug(base64(value));
    ctx.log.warn(encodeURIComponent(value));
    ctx.log.warn(base64("user:" + value));
    await Deno.stdout.write(bytes("halves " + value.slice(0, half)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Deno.stdout.write(bytes(value.slice(half) + "\\n"));
    Deno.stderr.writeSync(bytes(value.slice(0, half)));
    Deno.stderr.writeSync(bytes(value.slice(half) + "\\n"));
    await (await ctx.fetch("echo", "/" + encodeURIComponent(value) + "?q=" + encodeURIComponent(value), {
      method: "POST",
      body: JSON.stringify({ value, base64: base64(value) }),
    })).text();
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (input.end === "throw") throw new TerminalError("I know " + values.join(" and ") + base64(values[0]!));
  return { values, halves: values.map((v) => [v.slice(0, 4), v]), [values[0]!]: base64(values[1]!), input };
}
`;

const AFTER = `export default (_ctx: unknown, input: unknown) => JSON.stringify(input);\n`;

function files(echoUrl: string): { [path: string]: string } {
  return {
    ...SECRETS,
    "workflow.yaml": `name: leaky
version: "1.0"
inputs:
  end: { type: string, default: return }
services:
  echo: { url: ${echoUrl} }
nodes:
  leak: { path: ./leak.ts }
  after: { path: ./after.ts, depends_on: [leak] }
`,
    "leak.ts": LEAKY,
    "after.ts": AFTER,
  };
}

Deno.test("canaries from every place of secrets appear in no answer, event, log, metric or error, nor in the storage", async () => {
  await withSecretsAndEcho((dir) =>
    withEngine(["--workflow", dir, "--storage", `sqlite://${dir}/runs.db`], async (engine) => {
      const seen: string[] = [];
      const get = async (path: string, init: RequestInit = {}) => {
        const response = await fetch(engine.url + path, init);
        const text = await response.text();
        seen.push(`${path}: ${JSON.stringify([...response.headers])} ${text}`);
        return { status: response.status, text };
      };
      const returned = await get("/run", { method: "POST", body: `{"end":"return"}` });
      assert.equal(returned.status, 200, returned.text);
      const thrown = await get("/run", { method: "POST", body: `{"end":"throw"}` });
      assert.equal(thrown.status, 500);
      for (const canary of Object.values(CANARIES)) {
        // The input of a run may hold what the caller should not know is a secret.
        await get("/run", { method: "POST", body: JSON.stringify({ end: "return", canary }) });
        await get("/run", { method: "POST", body: `{"end": "${encodeURIComponent(canary)}` });
      }
      const { runs } = JSON.parse((await get("/runs")).text);
      assert.ok(runs.length >= 4);
      for (const { runId } of runs) {
        await get(`/runs/${runId}`);
        await get(`/runs/${runId}/events`);
        await get(`/runs/${runId}/log`);
      }
      // While the engine goes on, so that the write-ahead log is there too.
      seen.push(...await storedTexts(`${dir}/runs.db`));
      for (const path of ["/metrics", "/workflow", "/health?detail=1", "/ready"]) await get(path);
      engine.kill("SIGTERM");
      await engine.status;
      seen.push(`stderr: ${await engine.logged(/stopped/)}`);
      assertClean(seen.join("\n"));
      assert.match(seen.join("\n"), /\*\*\*/);
    })
  );
});

Deno.test("canaries appear neither in what pd run prints nor in what it records", async () => {
  await withSecretsAndEcho(async (dir) => {
    const seen: string[] = [];
    for (
      const args of [["--record"], ["--record", "-o", "json", "-v"], ["--end", "throw"], [
        "--end",
        "throw",
        "-o",
        "json",
      ]]
    ) {
      const { stdout, stderr } = await new Deno.Command(PD, { args: ["run", dir, ...args] })
        .output();
      seen.push(`${args}: ${decode(stdout)}${decode(stderr)}`);
    }
    const recordings = await Array.fromAsync(Deno.readDir(`${dir}/testdata/http`));
    assert.ok(recordings.length >= 3, "there are recordings to look at");
    for (const { name } of recordings) {
      seen.push(`${name}: ${await Deno.readTextFile(`${dir}/testdata/http/${name}`)}`);
    }
    assertClean(seen.join("\n"));
  });
});

/** A folder with secrets in all three places, and an echo of requests for its nodes to talk to. */
async function withSecretsAndEcho(test: (dir: string) => Promise<void>): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) =>
      Response.json({
        url: request.url,
        body: await request.text(),
        token: request.headers.get("authorization"),
      }),
  );
  await withMounted(
    { "gamma.json": JSON.stringify({ token: CANARIES.mounted }) },
    () => withFolder(files(`http://127.0.0.1:${server.addr.port}`), test),
  ).finally(() => server.shutdown());
}

/** Puts files where a pod mounts its secrets, and takes them away again. */
async function withMounted(
  mounted: { readonly [name: string]: string },
  test: () => Promise<void>,
): Promise<void> {
  const existed = await Deno.stat(MOUNTED).then(() => true, () => false);
  assert.equal(existed, false, `${MOUNTED} is somebody's: run this test where it is not`);
  const hadParent = await Deno.stat("/app").then(() => true, () => false);
  await Deno.mkdir(MOUNTED, { recursive: true });
  try {
    for (const [name, text] of Object.entries(mounted)) {
      await Deno.writeTextFile(`${MOUNTED}/${name}`, text);
    }
    await test();
  } finally {
    await Deno.remove(hadParent ? MOUNTED : "/app", { recursive: true });
  }
}

/** All that a storage holds: every column of every row, which a page of the file may cut, and the files as they are. */
async function storedTexts(path: string): Promise<string[]> {
  const seen: string[] = [];
  const db = new DatabaseSync(path, { readOnly: true });
  for (const table of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
    const rows = db.prepare(`SELECT * FROM ${table["name"]}`).all();
    // A text of JSON may hold JSON; whoever looks takes it apart as well.
    for (const row of rows) seen.push(`${table["name"]}: ${Object.values(row).join(" ")}`);
  }
  db.close();
  assert.ok(seen.some((row) => row.startsWith("events: ")), "there are events to look at");
  assert.ok(
    seen.some((row) => row.includes('{"$secret":"alpha.token"}')),
    "secrets are references",
  );
  for (const suffix of ["", "-wal"]) {
    const bytes = await Deno.readFile(path + suffix);
    assert.ok(bytes.length > 0);
    seen.push(new TextDecoder().decode(bytes));
  }
  return seen;
}

/** No canary, in no usual spelling, is in `text`. */
function assertClean(text: string): void {
  for (const canary of Object.values(CANARIES)) {
    const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(canary)));
    const spellings = [
      canary,
      base64,
      base64.replace(/=+$/, ""),
      encodeURIComponent(canary),
      JSON.stringify(canary).slice(1, -1),
    ];
    for (const spelling of spellings) {
      const at = text.indexOf(spelling);
      assert.ok(at < 0, `found ${spelling} in: ${text.slice(Math.max(0, at - 300), at + 60)}`);
    }
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

import assert from "node:assert/strict";
import { createVerifier, signToken, type TokenClaims } from "../../auth/mod.ts";
import { systemClock } from "../../clock/mod.ts";
import { openRegistry } from "../../registry/mod.ts";
import { openRepositories } from "../../repositories/mod.ts";
import { openStorage } from "../../storage/mod.ts";
import { createService, type Service } from "../service/mod.ts";
import { commitRoutes, createGroup as createApi, repositoryRoutes } from "../api/mod.ts";
import { createGroup } from "./mod.ts";

const SECRET = "correct horse battery staple";

interface Place {
  readonly service: Service;
  readonly faults: unknown[];
  readonly routes: readonly { readonly method: string; readonly path: string; scope: string }[];
  send(method: string, path: string, given?: {
    readonly body?: unknown;
    readonly token?: Partial<TokenClaims> | null;
  }): Promise<{ readonly status: number; readonly body: Record<string, never> }>;
}

async function withPlace(test: (place: Place) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const clock = systemClock;
  const faults: unknown[] = [];
  try {
    await using storage = await openStorage("memory:", { clock });
    await using registry = await openRegistry({ storage });
    const env = (name: string) => Deno.env.get(name);
    await using repositories = await openRepositories({ registry, dir, env, driver: undefined });
    const parts = { registry, clock, repositories };
    const service = createService({
      registry,
      groups: [await createApi(parts), createGroup(parts)],
      auth: createVerifier({ secret: SECRET, clock }),
      host: "127.0.0.1",
      port: 9009,
      limits: { requestsPerSecond: 0, badTokensPerMinute: 1_000_000 },
      onFault: (error) => void faults.push(error),
    });
    await test({
      service,
      faults,
      routes: [...repositoryRoutes(parts), ...commitRoutes(parts)],
      async send(method, path, { body, token = {} } = {}) {
        const headers = new Headers({ host: "127.0.0.1:9009" });
        if (token !== null) {
          const claims = { subject: "ann", scope: "admin", workflows: undefined, ttlMs: 60_000 };
          const signed = await signToken(
            SECRET,
            { ...claims, ...token } as TokenClaims,
            clock.now(),
          );
          headers.set("authorization", `Bearer ${signed}`);
        }
        const response = await service.handle(
          new Request(`http://127.0.0.1:9009${path}`, {
            method,
            headers,
            ...body === undefined ? {} : { body: JSON.stringify(body) },
          }),
          "10.0.0.1",
        );
        const text = await response.text();
        return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
      },
    });
    assert.deepEqual(faults, []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const NAMES: { readonly [part: string]: string } = {
  repo: "app",
  template: "lint",
  run: "r1",
  job: "r1.build",
};

Deno.test("every route of repositories refuses to answer without a token, or with too little scope", () =>
  withPlace(async ({ routes, send }) => {
    assert.ok(routes.length === 12);
    for (const { method, path, scope } of routes) {
      const at = path.replace(/\{(\w+)\}/g, (_, name) => NAMES[name] ?? "x");
      const isAtRoot = /^\/(repos\/app\/pipelines|pipelines|jobs)\//.test(at);
      for (const full of [`/api/v1${at}`, ...isAtRoot ? [at] : []]) {
        assert.equal((await send(method, full, { token: null })).status, 401, full);
        if (scope === "read") continue;
        const narrow = await send(method, full, { token: { scope: "read" } });
        assert.equal(narrow.status, 403, full);
        const odd = await send(method, full, { body: { nonsense: 1 } });
        assert.equal([400, 404].includes(odd.status), true, `${method} ${full} ${odd.status}`);
      }
    }
  }));

Deno.test("what is not as described is refused with its field, or with what is wrong", () =>
  withPlace(async ({ send }) => {
    const CASES = [
      ["POST", "/api/v1/repos", {}, 400, "BAD_REQUEST", "name"],
      ["POST", "/api/v1/repos", { name: "a", url: 1 }, 400, "BAD_REQUEST", "url"],
      ["POST", "/api/v1/repos", { name: "A b", url: "/x" }, 400, "SPEC_NAME", undefined],
      ["POST", "/api/v1/repos", { name: "a", url: "ext::x" }, 400, "GIT_URL_INVALID", undefined],
      ["POST", "/repos/app/pipelines/run", { comit: "x" }, 400, "BAD_REQUEST", "comit"],
      ["POST", "/repos/app/pipelines/run", { inputs: [] }, 400, "BAD_REQUEST", "inputs"],
      ["POST", "/repos/app/pipelines/run", {}, 404, "NOT_FOUND", undefined],
      ["GET", "/repos/app/pipelines/runs?limit=x", undefined, 400, "BAD_REQUEST", "limit"],
      ["GET", "/repos/app/pipelines/runs", undefined, 404, "NOT_FOUND", undefined],
      ["GET", "/pipelines/runs/nope", undefined, 404, "RUN_NOT_FOUND", undefined],
      ["GET", "/jobs/nope/logs", undefined, 404, "RUN_NOT_FOUND", undefined],
      ["GET", "/jobs/nope.x/logs", undefined, 404, "RUN_NOT_FOUND", undefined],
      ["DELETE", "/api/v1/repos/app", undefined, 404, "NOT_FOUND", undefined],
      ["PUT", "/api/v1/templates/lint", {}, 404, "NOT_FOUND", undefined],
      ["PUT", "/api/v1/templates/lint", { files: { a: "" } }, 400, "WORKFLOW_NOT_FOUND", undefined],
      ["PUT", "/api/v1/templates/l", { files: { "../a": "" } }, 400, "PATH_ESCAPE", undefined],
      ["PUT", "/api/v1/repos/app/templates/lint", {}, 404, "NOT_FOUND", undefined],
      ["DELETE", "/api/v1/repos/app/templates/lint", undefined, 404, "NOT_FOUND", undefined],
    ] as const;
    for (const [method, path, body, status, code, field] of CASES) {
      const answer = await send(method, path, { body });
      const error = answer.body["error"] as unknown as { code: string; field?: string };
      assert.deepEqual([answer.status, error.code, error.field], [status, code, field], path);
    }
  }));

Deno.test("repositories, templates and attachments are added, shown and removed", () =>
  withPlace(async ({ send }) => {
    const added = await send("POST", "/api/v1/repos", { body: { name: "app", url: "/srv/app" } });
    assert.equal(added.status, 201);
    assert.equal(
      (await send("POST", "/api/v1/repos", { body: { name: "app", url: "/x" } })).status,
      409,
    );
    const files = { "workflow.yaml": "name: lint" };
    const first = await send("PUT", "/api/v1/templates/lint", { body: { files } });
    assert.deepEqual(first, { status: 200, body: { version: 1 } });
    const body = { version: 1, inputs: { tag: "{{ .branch }}" } };
    assert.equal((await send("PUT", "/api/v1/repos/app/templates/lint", { body })).status, 204);
    const missing = { body: { version: 2 } };
    assert.equal((await send("PUT", "/api/v1/repos/app/templates/lint", missing)).status, 404);
    const shown = await send("GET", "/api/v1/repos/app");
    assert.deepEqual(shown.body["attachments"], [
      { template: "lint", track: 1, inputs: { tag: "{{ .branch }}" } },
    ]);
    const { body: list } = await send("GET", "/api/v1/templates");
    assert.deepEqual(list["templates"], [{ name: "lint", version: 1, repositories: ["app"] }]);
    const other = { token: { scope: "read", workflows: ["repo:other"] } } as const;
    assert.equal((await send("GET", "/api/v1/repos/app", other)).status, 404);
    assert.equal((await send("DELETE", "/api/v1/repos/app/templates/lint")).status, 204);
    assert.equal((await send("DELETE", "/api/v1/repos/app")).status, 204);
    assert.deepEqual((await send("GET", "/api/v1/repos")).body["repositories"], []);
  }));

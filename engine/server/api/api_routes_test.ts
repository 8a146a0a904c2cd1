import assert from "node:assert/strict";
import { SCOPES } from "../../auth/mod.ts";
import type { OpenApi, Operation } from "./open_api.ts";
import { flow, type TestApi, withApi } from "./_test_api.ts";

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** Every operation of the document, which is made of the same table as the routes are. */
async function operations({ send }: TestApi): Promise<readonly Listed[]> {
  const { paths }: OpenApi = await (await send("/openapi.json")).json();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
    }))
  );
}

Deno.test("every API route: without a token 401, with too little scope 403", async () => {
  await withApi(flow("hello"), async (api) => {
    for (const { path, method, operation } of await operations(api)) {
      const at = path.replaceAll(/\{\w+\}/g, "hello");
      const title = `${method} ${path}`;
      const anybody = await api.ask(at, { method, headers: {} }).catch(() => undefined);
      const scope = operation["x-scope"];
      if (scope === "public") {
        assert.notEqual(anybody?.status, 401, title);
        continue;
      }
      assert.equal(anybody?.status, 401, title);
      assert.deepEqual(Object.keys(anybody.body), ["error"], title);
      const narrower = SCOPES[SCOPES.indexOf(scope as "run") - 1];
      if (narrower === undefined) continue;
      const headers = await api.bearer({ scope: narrower });
      const refused = await api.ask(at, { method, headers });
      assert.equal(refused.status, 403, title);
      assert.equal((refused.body["error"] as { code: string }).code, "SCOPE_MISSING", title);
    }
  });
});

Deno.test("every API route: malformed input is 400, and the field is named", async () => {
  await withApi(flow("hello"), async (api) => {
    const run = await api.post("/workflows/hello/runs?wait=true");
    let cases = 0;
    for (const listed of await operations(api)) {
      const at = listed.path.replaceAll(
        /\{(\w+)\}/g,
        (_, name) =>
          name === "run" ? String(run.body["runId"]) : name === "node" ? "only" : "hello",
      );
      for (const { query = "", body, field } of brokenParts(listed)) {
        const title = `${listed.method} ${listed.path}${query} ${body}`;
        const { status, body: answer } = await api.ask(`${at}${query}`, {
          method: listed.method,
          ...body === undefined ? {} : { body },
        });
        assert.equal(status, 400, `${title} ${JSON.stringify(answer)}`);
        const error = answer["error"] as { code: string; fix: string; field?: string };
        assert.equal(error.code, "BAD_REQUEST", title);
        assert.ok(error.fix.length > 0, title);
        if (field !== undefined) assert.equal(error.field, field, title);
        cases++;
      }
    }
    assert.ok(cases > 60, `${cases} cases`);
  });
});

interface Broken {
  readonly query?: string;
  readonly body?: string;
  readonly field: string | undefined;
}

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
};

function* brokenParts({ method, operation }: Listed): Generator<Broken> {
  if (operation.operationId === "showDocs" || operation.operationId === "showDocument") return;
  yield { query: "?whatever=1", field: "whatever" };
  for (const { name, in: place, schema } of operation.parameters) {
    if (place !== "query") continue;
    yield { query: `?${name}=a&${name}=b`, field: name };
    if ((schema as Schema).type !== "array") yield { query: `?${name}=%00`, field: name };
  }
  if (method === "GET") return;
  const schema = operation.requestBody?.content?.["application/json"]?.schema as Schema | undefined;
  if (schema === undefined) {
    yield { body: "[1]", field: "body" };
    return;
  }
  yield { body: "{", field: undefined };
  yield { body: "[1]", field: "body" };
  yield { body: `"text"`, field: "body" };
  for (const name of schema.required ?? []) yield { body: withoutPart(schema, name), field: name };
  yield { body: JSON.stringify({ whatever: 1 }), field: undefined };
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    if (part.type === undefined && part.enum === undefined) continue;
    const wrong = part.type === "array" ? "text" : ["wrong"];
    yield { body: JSON.stringify({ ...whole(schema), [name]: wrong }), field: name };
  }
}

function withoutPart(schema: Schema, name: string): string {
  return JSON.stringify({ ...whole(schema), [name]: undefined });
}

/** Parts that will do as far as types go: checks of parts come before those of the whole. */
function whole({ properties = {}, required = [] }: Schema): { [name: string]: unknown } {
  return Object.fromEntries(required.map((name) => {
    const part = properties[name] ?? {};
    const [example] = part.examples ?? part.enum ?? [];
    if (example !== undefined) return [name, example];
    if (part.type === "object") return [name, {}];
    return [name, part.type === "array" ? [] : part.type === "integer" ? 1 : "text"];
  }));
}

import assert from "node:assert/strict";
import { withApi } from "./_test_api.ts";

Deno.test("the document is OpenAPI 3.1 whose references lead somewhere", async () => {
  await withApi({}, async ({ send }) => {
    const response = await send("/openapi.json", { headers: {} });
    assert.equal(response.status, 200);
    const text = await response.text();
    const document = JSON.parse(text);
    assert.equal(document.openapi, "3.1.0");
    assert.ok(document.info.title && document.info.version);
    const references = [...text.matchAll(/"\$ref":"#([^"]*)"/g)].map(([, pointer = ""]) => pointer);
    assert.ok(references.length > 20);
    for (const pointer of new Set(references)) {
      const found = pointer.split("/").slice(1).reduce((at, part) => at?.[part], document);
      assert.equal(typeof found, "object", pointer);
    }
    const ids: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        ids.push(operation.operationId);
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const described = operation.parameters.filter((one) => one.in === "path");
        assert.deepEqual(described.map((one) => one.name), inPath, `${method} ${path}`);
        assert.ok(described.every((one) => one.required));
        assert.ok(operation.summary.length > 5 && operation.tags.length === 1);
        const good = Object.keys(operation.responses).filter((status) => Number(status) < 400);
        assert.ok(good.length > 0 && "default" in operation.responses, `${method} ${path}`);
        assert.equal(method === "get" && "requestBody" in operation, false);
      }
    }
    assert.equal(new Set(ids).size, ids.length);
  });
});

Deno.test("the page shows every operation, and loads nothing", async () => {
  await withApi({}, async ({ send }) => {
    const { paths } = await (await send("/openapi.json")).json();
    const response = await send("/docs", { headers: {} });
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    const html = await response.text();
    for (const path of Object.keys(paths)) assert.ok(html.includes(`/api/v1${path}</code>`), path);
    assert.doesNotMatch(html, /<script|<link|src=|undefined|\[object/);
  });
});

Deno.test("the page of the documentation names every path", async () => {
  const text = await Deno.readTextFile(
    new URL("../../../docs/reference/api.md", import.meta.url),
  );
  await withApi({}, async ({ send }) => {
    const { paths } = await (await send("/openapi.json")).json();
    for (const path of Object.keys(paths)) assert.ok(text.includes(`\`${path}\``), path);
  });
});

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly responses: { readonly [status: string]: unknown };
}

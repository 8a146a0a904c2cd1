import assert from "node:assert/strict";
import { createVerifier } from "../../auth/mod.ts";
import { systemClock } from "../../clock/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import { createService } from "../service/mod.ts";
import { uiRoutes } from "./mod.ts";

function page(hasTokens = true): { send(path: string, init?: RequestInit): Promise<Response> } {
  const service = createService({
    registry: { list: () => [], get: () => undefined } as unknown as Registry,
    groups: [uiRoutes({ hasTokens })],
    auth: hasTokens ? createVerifier({ secret: "a".repeat(20), clock: systemClock }) : undefined,
    host: "127.0.0.1",
    port: 9009,
  });
  return {
    send(path, init) {
      const request = new Request(`http://127.0.0.1:9009${path}`, init);
      request.headers.set("host", "127.0.0.1:9009");
      return service.handle(request, "127.0.0.1");
    },
  };
}

Deno.test("the page needs no token, and / leads to it", async () => {
  const service = page();
  const first = await service.send("/");
  assert.equal(first.status, 302);
  assert.equal(first.headers.get("location"), "/ui/");
  for (const path of ["/ui/", "/ui/runs/some-run", "/ui/nothing"]) {
    const response = await service.send(path);
    assert.equal(response.status, 200, path);
    assert.match(await response.text(), /<div id="app">/);
  }
});

Deno.test("every file that the page names is there, with a strong tag, and may be kept for ever", async () => {
  const service = page();
  const html = await (await service.send("/ui/")).text();
  const paths = [...html.matchAll(/(?:src|href)="(\/ui\/assets\/[^"]+)"/g)].map(([, path]) =>
    path ?? ""
  );
  const mapped = Object.values<string>(
    JSON.parse(/<script type="importmap">(.*?)<\/script>/.exec(html)?.[1] ?? "{}").imports,
  );
  assert.ok(paths.length > 20);
  for (const path of [...paths, ...mapped]) {
    const response = await service.send(path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
    const etag = response.headers.get("etag") ?? "";
    assert.match(etag, /^"[0-9a-f]{32}"$/);
    await response.body?.cancel();
    const again = await service.send(path, { headers: { "if-none-match": `W/"x", ${etag}` } });
    assert.equal(again.status, 304);
  }
});

Deno.test("the client's modules have no types left, and import only what is served", async () => {
  const service = page();
  const html = await (await service.send("/ui/")).text();
  const modules = [...html.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) =>
    path ?? ""
  );
  const known = new Set(modules);
  for (const path of modules) {
    const response = await service.send(path);
    assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
    const text = await response.text();
    assert.doesNotMatch(text, /^import type|^export (type|interface) /m, path);
    for (
      const [, specifier = ""] of text.matchAll(/^} from "([^"]+)"|^import .* from "([^"]+)"/gm)
    ) {
      if (!specifier.startsWith(".")) continue;
      const target = new URL(specifier, `http://page${path}`).pathname;
      assert.ok(known.has(target), `${path} imports ${specifier}`);
    }
  }
});

Deno.test("the page may load its own files alone, and makes no markup of text", async () => {
  const response = await page().send("/ui/");
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'sha256-[\w+/=]+'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.match(response.headers.get("vary") ?? "", /Cookie/);
  assert.doesNotMatch(await response.text(), /<script>|style="|onload|onclick/);
});

Deno.test("a file of another version is not there", async () => {
  const response = await page().send("/ui/assets/000000000000/main.ts");
  assert.equal(response.status, 404);
});

for (
  const { name, hasTokens, cookie, want } of [
    { name: "nobody needs a token", hasTokens: false, cookie: "", want: "open" },
    { name: "no cookie came", hasTokens: true, cookie: "", want: "none" },
    { name: "a cookie came", hasTokens: true, cookie: "jwt=a.b.c", want: "cookie" },
  ]
) {
  Deno.test(`the page knows without asking whether ${name}`, async () => {
    const response = await page(hasTokens).send("/ui/", { headers: { cookie } });
    assert.match(await response.text(), new RegExp(`data-session="${want}"`));
  });
}

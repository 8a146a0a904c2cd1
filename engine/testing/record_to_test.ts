import assert from "node:assert/strict";
import { createRedactor, type HttpExchange } from "../context/mod.ts";
import { type Recorder, recordTo } from "./record_to.ts";

const TOKEN = "canary-7f3a9c51e0b2";
const REDACTOR = createRedactor({ github: { token: TOKEN } });

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(`${dir}/testdata/http`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function exchange(path: string, part: Partial<HttpExchange> = {}): HttpExchange {
  return {
    service: "hn",
    method: "GET",
    url: `https://hn.example${path}`,
    requestBody: undefined,
    status: 200,
    headers: { "content-type": "application/json" },
    body: { text: '{"id":1}' },
    ...part,
  };
}

async function save(recorder: Recorder, exchange: HttpExchange, node = "fetch"): Promise<void> {
  await recorder.save(exchange, node);
}

async function record(folder: string, exchanges: readonly HttpExchange[]): Promise<number> {
  await using recorder = recordTo(folder, REDACTOR);
  for (const one of exchanges) await save(recorder, one);
  return await recorder.finish();
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("recordTo() writes one readable file per exchange, named by order, service, method and path", async () => {
  await withFolder(async (folder) => {
    const count = await record(folder, [
      exchange("/v0/topstories.json"),
      exchange("/search?q=deno&page=2", {
        service: undefined,
        method: "POST",
        requestBody: { text: '{"a":1}' },
        status: 201,
        body: { text: "made" },
      }),
    ]);
    assert.equal(count, 2);
    assert.deepEqual(await namesIn(folder), [
      "001-hn-get-v0-topstories.json",
      "002-hn-example-post-search-q-deno-page-2.json",
    ]);
    assert.equal(
      await Deno.readTextFile(`${folder}/001-hn-get-v0-topstories.json`),
      `{
  "node": "fetch",
  "request": {
    "service": "hn",
    "method": "GET",
    "url": "https://hn.example/v0/topstories.json"
  },
  "response": {
    "status": 200,
    "headers": {
      "content-type": "application/json"
    },
    "json": {
      "id": 1
    }
  }
}
`,
    );
    const second = JSON.parse(
      await Deno.readTextFile(`${folder}/002-hn-example-post-search-q-deno-page-2.json`),
    );
    assert.deepEqual(second.request.json, { a: 1 });
    assert.equal(second.response.text, "made");
  });
});

Deno.test("a recording holds no secret, wherever it stood in the exchange", async () => {
  await withFolder(async (folder) => {
    const bytes = btoa(`\xff\xfe${TOKEN}\x00`);
    await record(folder, [
      exchange(`/user/${TOKEN}?access_token=fresh-1&q=${TOKEN}#${TOKEN}`, {
        headers: {
          "content-type": "application/json",
          "set-cookie": "session=fresh-2",
          "authorization": `Bearer ${TOKEN}`,
          "x-internal": "fresh-3",
          "location": `https://hn.example/next?code=1&token=fresh-4&t=${TOKEN}`,
        },
        body: {
          text: JSON.stringify({
            access_token: "fresh-5",
            nested: [{ "client-secret": "fresh-6", note: `the ${TOKEN}`, [TOKEN]: 1 }],
            next_page_token: "kept",
          }).replace("canary", "\\u0063anary"),
        },
      }),
      exchange("/token", {
        method: "POST",
        requestBody: { text: "grant_type=refresh_token&refresh_token=fresh-7&client_id=me" },
        body: { text: `id: ${btoa(TOKEN)} ${TOKEN}` },
        headers: {},
      }),
      exchange("/image", { body: { base64: bytes }, headers: {} }),
    ]);
    let all = "";
    for (const name of await namesIn(folder)) {
      all += name + await Deno.readTextFile(`${folder}/${name}`);
    }
    assert.doesNotMatch(all, /canary|7f3a9c51e0b2|fresh-|session/);
    assert.ok(!all.includes(btoa(TOKEN).slice(0, 12)) && !all.includes(bytes.slice(4, 16)));
    assert.match(all, /"next_page_token": "kept"/);
    assert.match(all, /client_id=me/);
    assert.match(all, /"location": "https:\/\/hn\.example\/next\?code=1&token=\*\*\*&t=\*\*\*"/);
  });
});

Deno.test("recording anew replaces what was recorded, keeps the order, and leaves other files alone", async () => {
  await withFolder(async (folder) => {
    await record(folder, [exchange("/a"), exchange("/b"), exchange("/gone"), exchange("/b")]);
    await Deno.writeTextFile(`${folder}/README.md`, "notes");
    await record(folder, [
      exchange("/b", { body: { text: '"first"' } }),
      exchange("/new"),
      exchange("/b", { body: { text: '"second"' } }),
      exchange("/a"),
    ]);
    assert.deepEqual(await namesIn(folder), [
      "001-hn-get-a.json",
      "002-hn-get-b.json",
      "003-hn-get-b.json",
      "004-hn-get-new.json",
      "README.md",
    ]);
    assert.match(await Deno.readTextFile(`${folder}/002-hn-get-b.json`), /"first"/);
    assert.match(await Deno.readTextFile(`${folder}/003-hn-get-b.json`), /"second"/);
    assert.deepEqual(await namesIn(`${folder}/..`), ["http"]);
  });
});

Deno.test("a recording that is given up, or empty, leaves the folder as it was", async () => {
  await withFolder(async (folder) => {
    await record(folder, [exchange("/a")]);
    {
      await using recorder = recordTo(folder, REDACTOR);
      await save(recorder, exchange("/b"));
    }
    assert.equal(await record(folder, []), 0);
    assert.deepEqual(await namesIn(folder), ["001-hn-get-a.json"]);
    assert.deepEqual(await namesIn(`${folder}/..`), ["http"]);
  });
});

Deno.test("exchanges that end at the same moment each get a file", async () => {
  await withFolder(async (folder) => {
    await using recorder = recordTo(folder, REDACTOR);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => save(recorder, exchange(`/${index}`))),
    );
    assert.equal(await recorder.finish(), 50);
    assert.equal((await namesIn(folder)).length, 50);
  });
});

Deno.test("a body above 16 MiB is refused, and the recording goes on", async () => {
  await withFolder(async (folder) => {
    await using recorder = recordTo(folder, REDACTOR);
    const large = exchange("/large", { body: { text: "x".repeat(17 * 1024 * 1024) } });
    await assert.rejects(save(recorder, large), { code: "RECORDING_INVALID" });
    await save(recorder, exchange("/small"));
    assert.equal(await recorder.finish(), 1);
  });
});

Deno.test("JSON whose numbers would come back as others is recorded as text", async () => {
  await withFolder(async (folder) => {
    await record(folder, [exchange("/big", { body: { text: '{"id": 12345678901234567890}' } })]);
    const file = JSON.parse(await Deno.readTextFile(`${folder}/001-hn-get-big.json`));
    assert.equal(file.response.text, '{"id": 12345678901234567890}');
  });
});

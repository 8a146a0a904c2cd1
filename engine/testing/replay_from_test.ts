import assert from "node:assert/strict";
import type { HttpCall, HttpExchange } from "../context/mod.ts";
import { encodeRecording } from "./recording.ts";
import { type Replay, replayFrom } from "./replay_from.ts";

interface Asked {
  readonly node?: string;
  readonly method?: string;
  readonly body?: string;
}

async function withRecordings(
  files: readonly (Asked & { readonly url: string; readonly answer: string })[],
  body: (replay: Replay, folder: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const folder = `${dir}/testdata/http`;
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const [index, { node = "a", url, method = "GET", body, answer }] of files.entries()) {
      const exchange: HttpExchange = {
        service: undefined,
        method,
        url,
        requestBody: body === undefined ? undefined : { text: body },
        status: 200,
        headers: { "content-type": "text/plain" },
        body: { text: answer },
      };
      const name = `${String(index + 1).padStart(3, "0")}-x.json`;
      await Deno.writeTextFile(`${folder}/${name}`, encodeRecording({ node, exchange }));
    }
    await body(replayFrom(folder), folder);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function ask(
  replay: Replay,
  url: string,
  { node = "a", method = "GET", body }: Asked = {},
): Promise<string> {
  const requestBody = body === undefined ? undefined : { text: body };
  const call: HttpCall = { service: undefined, method, url, requestBody };
  const answer = await replay.answer(call, node);
  return "text" in answer.body ? answer.body.text : answer.body.base64;
}

Deno.test("replayFrom() answers by method and URL, whatever the order of the query", async () => {
  await withRecordings([
    { url: "https://a.example/x?b=2&a=1", answer: "read" },
    { url: "https://a.example/x?b=2&a=1", method: "DELETE", answer: "deleted" },
  ], async (replay) => {
    assert.equal(await replay.load(), 2);
    assert.equal(await ask(replay, "https://a.example/x?a=1&b=2"), "read");
    assert.equal(
      await ask(replay, "https://a.example/x?a=1&b=2", { method: "DELETE" }),
      "deleted",
    );
  });
});

Deno.test("replayFrom() answers equal requests in recorded order, then with the last again", async () => {
  const url = "https://a.example/job";
  await withRecordings([
    { url, answer: "queued" },
    { url, answer: "running" },
    { url, answer: "done" },
  ], async (replay) => {
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await ask(replay, url));
    assert.deepEqual(answers, ["queued", "running", "done", "done", "done"]);
  });
});

Deno.test("nodes at work side by side get their own answers, in whatever order they ask", async () => {
  const url = "https://a.example/next";
  await withRecordings([
    { url, node: "a", answer: "a1" },
    { url, node: "b", answer: "b1" },
    { url, node: "a", answer: "a2" },
  ], async (replay) => {
    assert.equal(await ask(replay, url, { node: "b" }), "b1");
    assert.equal(await ask(replay, url, { node: "a" }), "a1");
    assert.equal(await ask(replay, url, { node: "b" }), "b1");
    assert.equal(await ask(replay, url, { node: "a" }), "a2");
    assert.equal(await ask(replay, url, { node: "renamed" }), "a1");
  });
});

Deno.test("the body decides where one URL was asked with several, and the order of its keys does not", async () => {
  const url = "https://a.example/graphql";
  const method = "POST";
  await withRecordings([
    { url, method, body: '{"query": "users", "n": 1}', answer: "users" },
    { url, method, body: '{"query": "repos", "n": 1}', answer: "repos" },
  ], async (replay) => {
    assert.equal(
      await ask(replay, url, { method, body: '{"n":1,"query":"repos"}' }),
      "repos",
    );
    await assert.rejects(ask(replay, url, { method, body: '{"n":1,"query":"teams"}' }), {
      code: "RECORDING_MISSING",
      message: /has this request body$/,
    });
  });
});

Deno.test("a secret that was hidden in a recorded request is no obstacle to its replay", async () => {
  await withRecordings([
    { url: "https://a.example/u/***?q=***&x=1", answer: "by URL" },
    { url: "https://a.example/login?token=***", answer: "by name" },
  ], async (replay) => {
    assert.equal(await ask(replay, "https://a.example/u/s3cret?q=s3cret&x=1"), "by URL");
    assert.equal(await ask(replay, "https://a.example/login?token=whatever"), "by name");
    await assert.rejects(ask(replay, "https://a.example/u/s3cret?q=s3cret&x=2"));
  });
});

Deno.test("a request that was not recorded fails with the nearest one and the command to record", async () => {
  await withRecordings([
    { url: "https://a.example/v0/topstories.json", answer: "" },
  ], async (replay, folder) => {
    await assert.rejects(ask(replay, "https://a.example/v0/newstories.json?api_key=s3cret"), {
      code: "RECORDING_MISSING",
      message:
        `Cannot answer "GET https://a.example/v0/newstories.json?api_key=***" as a replay: no recording in ${folder} matches; the nearest is GET https://a.example/v0/topstories.json`,
      fix: `pd run ${folder.replace("/testdata/http", "")} --record`,
    });
  });
});

Deno.test("a folder without recordings says so", async () => {
  const replay = replayFrom("/nowhere/testdata/http");
  assert.equal(await replay.load(), 0);
  await assert.rejects(ask(replay, "https://a.example/"), {
    code: "RECORDING_MISSING",
    message: /\/nowhere\/testdata\/http holds no recordings$/,
    fix: "pd run /nowhere --record",
  });
});

const BROKEN: { name: string; text: string; says: RegExp }[] = [
  { name: "cut off", text: '{\n  "node": "a",', says: /x\.json:2:15" .*ends too early/ },
  {
    name: "without an answer",
    text: '{"node": "a", "request": {"method": "GET", "url": "https://a.example/"}}',
    says: /x\.json:1:1".*response/,
  },
  {
    name: "with a status out of range",
    text:
      '{"node": "a",\n "request": {"method": "GET", "url": "https://a.example/"},\n "response": {"status": 700}}',
    says: /x\.json:3:25".*response\.status/,
  },
  {
    name: "with two bodies",
    text:
      '{"node": "a",\n "request": {"method": "GET", "url": "https://a.example/"},\n "response": {"status": 200, "json": 1, "text": "a"}}',
    says: /x\.json:3:14".*both "json" and "text"/,
  },
];
for (const { name, text, says } of BROKEN) {
  Deno.test(`a recording ${name} is reported with file and place`, async () => {
    await withRecordings([], async (replay, folder) => {
      await Deno.writeTextFile(`${folder}/001-x.json`, text);
      await assert.rejects(replay.load(), { code: "RECORDING_INVALID", message: says });
    });
  });
}

import assert from "node:assert/strict";
import { TestWorkflow } from "./_test_workflow.ts";
import {
  readAsk,
  readExchange,
  readFailure,
  readFetch,
  readFetched,
  readLog,
  readReady,
  readUnask,
} from "./read_payload.ts";

const ERROR = { code: "NODE_FAILED", message: "no" };
const FAILURE = { error: ERROR, retry: "policy" };
const CALL = { method: "GET", url: "https://a.example/" };
const FETCHED = { service: "a", ...CALL, startedAt: 1.5, durationMs: 2 };
const EXCHANGE = { ...CALL, status: 200, headers: { a: "b" }, body: { text: "" } };

const GOOD: readonly [string, (text: string) => unknown, unknown][] = [
  ["a failure", readFailure, FAILURE],
  ["a failure with a wait", readFailure, { ...FAILURE, retry: { after: "5s" } }],
  ["a failure with all", readFailure, {
    error: { ...ERROR, fix: "f", stack: "s", exitCode: 7 },
    retry: "never",
  }],
  ["a question that is ended", readUnask, { request: 1 }],
  ["a log line", readLog, { level: "info", message: "m", fields: { a: [1] } }],
  ["no problems", readReady, []],
  ["problems", readReady, [{ node: "a", failure: FAILURE }]],
  ["a request", readFetch, { request: 1, call: { ...CALL, requestBody: { base64: "" } } }],
  ["an exchange", readExchange, EXCHANGE],
  ["a request that was answered", readFetched, { ...FETCHED, status: 200 }],
  ["a request that was not", readFetched, { ...FETCHED, error: "TypeError" }],
];

for (const [name, read, value] of GOOD) {
  Deno.test(`what a host sends is taken as it is: ${name}`, () => {
    assert.deepEqual(read(JSON.stringify(value)), value);
  });
}

const BAD: readonly [string, (text: string) => unknown, unknown][] = [
  ["a failure that is null", readFailure, null],
  ["a failure without an error", readFailure, { retry: "policy" }],
  ["a failure whose message is a number", readFailure, { ...FAILURE, error: { message: 1 } }],
  ["a failure without advice", readFailure, { error: ERROR, retry: null }],
  ["a fix that is an object", readFailure, { ...FAILURE, error: { ...ERROR, fix: {} } }],
  ["an exit code that is none", readFailure, { ...FAILURE, error: { ...ERROR, exitCode: 256 } }],
  ["an exit code that is text", readFailure, { ...FAILURE, error: { ...ERROR, exitCode: "1" } }],
  ["a question without a request", readAsk, { method: "process.run", params: {} }],
  ["a question whose request is a fraction", readAsk, {
    request: 1.5,
    method: "process.run",
    params: {},
  }],
  ["a question without a method", readAsk, { request: 1, params: {} }],
  ["a question for a method that is none", readAsk, {
    request: 1,
    method: "__proto__",
    params: {},
  }],
  ["a question without params", readAsk, { request: 1, method: "process.run" }],
  ["the end of no question", readUnask, {}],
  ["a log line that is null", readLog, null],
  ["a log line of no level", readLog, { level: "constructor", message: "m" }],
  ["a log line without text", readLog, { level: "info", message: {} }],
  ["problems that are no list", readReady, {}],
  ["a problem without a failure", readReady, [{ node: "a" }]],
  ["a request without a call", readFetch, { request: 1 }],
  ["a request to no URL", readFetch, { request: 1, call: { ...CALL, url: "/" } }],
  ["a request told without its time", readFetched, { ...FETCHED, startedAt: null }],
  ["a request told with a status that is text", readFetched, { ...FETCHED, status: "200" }],
  ["an exchange without a body", readExchange, { ...EXCHANGE, body: null }],
  ["an exchange with a header that is a list", readExchange, { ...EXCHANGE, headers: { a: [] } }],
];

for (const [name, read, value] of BAD) {
  Deno.test(`what no host would send is refused: ${name}`, () => {
    assert.throws(() => read(JSON.stringify(value)), SyntaxError);
  });
}

Deno.test("what a host tells of a request is cut to the length of a span's attributes", () => {
  const long = "x".repeat(10_000);
  const told = readFetched(JSON.stringify({ ...FETCHED, service: long, url: long }));
  assert.deepEqual([told.service.length, told.url.length], [100, 2_000]);
});

Deno.test("a question is taken with its length", () => {
  const text = JSON.stringify({ request: 1, method: "process.run", params: null });
  assert.deepEqual(readAsk(text), { ...JSON.parse(text), chars: text.length });
});

Deno.test("the code of an error is a code, whatever a node put there", () => {
  const read = (code: unknown) =>
    readFailure(JSON.stringify({ ...FAILURE, error: { code, message: "" } })).error.code;
  assert.equal(read("MY_CODE"), "MY_CODE");
  assert.equal(read("canary-0123456789"), "NODE_FAILED");
  assert.equal(read(5), "NODE_FAILED");
});

for (const payload of ["null", "[]", "{}", `{"error":{},"retry":"policy"}`, "nonsense"]) {
  Deno.test(`a node whose host sends ${payload} for a failure fails, and its call ends`, async () => {
    const source = `export default () => {
      JSON.stringify = () => ${JSON.stringify(payload)};
      throw new Error("x");
    }`;
    await using workflow = await TestWorkflow.open({ nodes: { it: { source } } });
    assert.equal((await workflow.failure("it")).code, "NODE_PROTOCOL");
  });
}

Deno.test("a node that asks on and lets its host read no answer costs it that host", async () => {
  const source = `export default async () => {
    for (let i = 0; i < 30; i++) fetch("http://a.example/").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (;;);
  }`;
  const body = { text: "x".repeat(1_000_000) };
  await using workflow = await TestWorkflow.open({
    nodes: { it: { source } },
    http: { kind: "answer", answer: () => Promise.resolve({ status: 200, headers: {}, body }) },
    maxOutputBytes: 1_000,
  });
  assert.equal((await workflow.failure("it")).code, "NODE_PROTOCOL");
});

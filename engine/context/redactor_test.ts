import assert from "node:assert/strict";
import type { ErrorRecord, RunEventBody } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { createRedactor } from "./redactor.ts";

const TOKEN = "s3cr3t/t0ken+with=odd&chars";
const redactor = createRedactor({
  hn: { token: TOKEN, pin: "48151623", short: "abc" },
  db: { url: "postgres://app:p%40ssw0rd@db.example/app" },
  nested: { value: '{"client": {"secret": "inner-secret"}}' },
  lines: { value: 'first line of it\nno\nthird "line" of it\n' },
  words: { value: "hunter2 & friends" },
});

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

const TEXTS: readonly { is: string; text: string; want: string }[] = [
  { is: "no secret", text: "nothing to see", want: "nothing to see" },
  { is: "an empty text", text: "", want: "" },
  { is: "the value", text: `a ${TOKEN} b`, want: "a *** b" },
  { is: "the value alone", text: TOKEN, want: "***" },
  { is: "the value twice", text: `${TOKEN}, ${TOKEN}`, want: "***, ***" },
  { is: "the value twice in a row", text: TOKEN + TOKEN, want: "***" },
  { is: "half of the value", text: TOKEN.slice(0, 14), want: TOKEN.slice(0, 14) },
  { is: "a value of three characters", text: "abc", want: "abc" },
  { is: "digits", text: "pin=48151623;", want: "pin=***;" },
  { is: "base64", text: base64(TOKEN), want: "***" },
  {
    is: "base64 without padding",
    text: `x ${base64(TOKEN).replace(/=+$/, "")} y`,
    want: "x *** y",
  },
  { is: "base64 of a short value", text: base64("48151623"), want: "***" },
  { is: "encodeURIComponent", text: encodeURIComponent(TOKEN), want: "***" },
  {
    is: "lower-case percent encoding",
    text: encodeURIComponent(TOKEN).replace(/%../g, (hex) => hex.toLowerCase()),
    want: "***",
  },
  {
    is: "a form field",
    text: new URLSearchParams({ p: "hunter2 & friends", q: "1" }).toString(),
    want: "p=***&q=1",
  },
  {
    is: "JSON",
    text: JSON.stringify({ a: 'first line of it\nno\nthird "line" of it\n' }),
    want: '{"a":"***"}',
  },
  { is: "hex", text: "73336372337420", want: "73336372337420" },
  { is: "one line of several", text: '> third "line" of it <', want: "> *** <" },
  { is: "the password of a URL", text: "login with p%40ssw0rd", want: "login with ***" },
  { is: "the same, decoded", text: "login with p@ssw0rd", want: "login with ***" },
  { is: "a value inside a JSON value", text: "got inner-secret", want: "got ***" },
  { is: "a GitHub token", text: "ghp_abcdefghijklmnopqrstuvwxyz0123456789!", want: "***!" },
  { is: "its five kinds", text: tokensOf("gho_ ghs_ ghu_ ghr_ ghp_"), want: "*** *** *** *** ***" },
  { is: "a fine-grained token", text: "(github_pat_11ABCDEFG0_abcdefgh)", want: "(***)" },
  { is: "an AWS key id", text: "AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE", want: "*** ***" },
  {
    is: "a Slack token",
    text: tokensOf("xoxb- xoxp- xoxa- xoxr- xoxs-"),
    want: "*** *** *** *** ***",
  },
  { is: "a Stripe key", text: tokensOf("sk_live_"), want: "***" },
  { is: "a GitLab token", text: tokensOf("glpat-"), want: "***" },
  {
    is: "a JWT",
    text: "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN, next",
    want: "Bearer ***, next",
  },
  { is: "a JWT without signature", text: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", want: "***" },
  {
    is: "base64 of JSON that is no JWT",
    text: "eyJhbGciOiJub25lIn0=",
    want: "eyJhbGciOiJub25lIn0=",
  },
  {
    is: "heads without a token",
    text: "ghp_x AKIAxx xoxb- eyJ. sk_live_",
    want: "ghp_x AKIAxx xoxb- eyJ. sk_live_",
  },
  {
    is: "words that begin like one",
    text: "-----BEGIN CERTIFICATE-----",
    want: "-----BEGIN CERTIFICATE-----",
  },
];

function tokensOf(heads: string): string {
  return heads.split(" ").map((head) => `${head}0123456789abcdef`).join(" ");
}

for (const { is, text, want } of TEXTS) {
  Deno.test(`redactor.text() of ${is}`, () => {
    assert.equal(redactor.text(text), want);
    assert.equal(redactor.text(`ü ${text} €`), `ü ${want} €`);
  });
}

const BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
const KEY =
  `-----BEGIN RSA PRIVATE KEY-----\n${BODY}\n${BODY}\nMzEfYyjiWA4=\n-----END RSA PRIVATE KEY-----`;
const ENCRYPTED = KEY.replace(
  "KEY-----\n",
  "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0102030405060708090A0B0C0D0E0F00\n\n",
);

const KEYS: readonly { is: string; text: string; want: string }[] = [
  { is: "a whole key", text: `a ${KEY} b`, want: "a *** b" },
  { is: "an encrypted key", text: `${ENCRYPTED}\nb`, want: "***\nb" },
  { is: "a key with escaped line ends", text: JSON.stringify({ KEY }), want: '{"KEY":"***"}' },
  { is: "a key on one line", text: `${KEY.replaceAll("\n", " ")}; b`, want: "***; b" },
  { is: "a key without its end", text: `${KEY.slice(0, 120)}, b`, want: "***, b" },
  { is: "only the begin line", text: '"-----BEGIN PRIVATE KEY-----"', want: '"***"' },
  { is: "a key cut off by another one", text: `${KEY.slice(0, 120)}\n${KEY}.`, want: "***." },
  { is: "an OpenSSH key", text: KEY.replaceAll("RSA", "OPENSSH"), want: "***" },
  { is: "a key and what follows", text: `${KEY}\nnext line`, want: "***\nnext line" },
];

for (const { is, text, want } of KEYS) {
  Deno.test(`redactor.text() of ${is} in PEM`, () => assert.equal(redactor.text(text), want));
}

Deno.test("a secret inside longer base64 is taken out at each alignment", () => {
  for (const before of ["", "a", "ab", "abc"]) {
    const shown = redactor.text(base64(`${before}${TOKEN}tail`));
    const pieces = shown.split("***");
    assert.equal(pieces.length, 2, shown);
    for (const piece of pieces) assert.ok(piece.length <= 8, shown);
  }
});

Deno.test("matches that overlap become one mask", () => {
  const overlapping = createRedactor({ a: { one: "abcdefgh", two: "efghijkl", three: "fgh" } });
  assert.equal(overlapping.text("-abcdefghijkl-"), "-***-");
  assert.equal(overlapping.text("-abcdefghefghijkl-"), "-***-");
});

Deno.test("the longest match wins", () => {
  const nested = createRedactor({ a: { short: "pass", long: "password" } });
  assert.equal(nested.text("password passing"), "*** ***ing");
});

Deno.test("without secrets only shapes are looked for", () => {
  const none = createRedactor({});
  assert.equal(none.text(`${TOKEN} ghp_abcdefghijklmnop`), `${TOKEN} ***`);
});

Deno.test("redactor.value() returns the same object when it holds no secret", () => {
  const values: JsonValue[] = [null, 1, true, "text", [], {}, { a: [{ b: "c" }] }];
  for (const value of values) assert.equal(redactor.value(value), value);
});

Deno.test("redactor.value() masks strings, keys and numbers, and keeps order and the rest", () => {
  const value = { z: [1, TOKEN, null], [TOKEN]: true, pin: 48151623, a: { b: [`x${TOKEN}`] } };
  const shown = redactor.value(value);
  assert.equal(
    JSON.stringify(shown),
    '{"z":[1,"***",null],"***":true,"pin":"***","a":{"b":["x***"]}}',
  );
  assert.equal(value.z[1], TOKEN);
});

Deno.test("redactor.value() keeps a key named __proto__", () => {
  const value = JSON.parse(`{"__proto__": {"a": "${TOKEN}"}}`);
  assert.equal(JSON.stringify(redactor.value(value)), '{"__proto__":{"a":"***"}}');
});

Deno.test("redactor.value() reaches 100 000 levels deep", () => {
  for (const [leaf, want] of [["clean", "clean"], [TOKEN, "***"]] as const) {
    let value: JsonValue = leaf;
    for (let i = 0; i < 50_000; i++) value = [{ down: value }];
    let shown: JsonValue = redactor.value(value);
    if (leaf === "clean") assert.equal(shown, value);
    for (let i = 0; i < 50_000; i++) shown = (shown as { down: JsonValue }[])[0]?.down ?? null;
    assert.equal(shown, want);
  }
});

Deno.test("redactor.line() and error() mask every text and keep the level", () => {
  const clean = { level: "info", message: "x", fields: { a: 1 } } as const;
  assert.equal(redactor.line(clean), clean);
  assert.deepEqual(redactor.line({ level: "warn", message: TOKEN, fields: { t: TOKEN } }), {
    level: "warn",
    message: "***",
    fields: { t: "***" },
  });
  assert.deepEqual(redactor.line({ level: "warn", message: TOKEN }), {
    level: "warn",
    message: "***",
  });
  const error: ErrorRecord = { code: "NODE_FAILED", message: "m", fix: "f", stack: `at ${TOKEN}` };
  assert.deepEqual(redactor.error(error), { ...error, stack: "at ***" });
  assert.deepEqual(redactor.error({ code: "X", message: TOKEN }), { code: "X", message: "***" });
  // A node's own errors have codes of its choice.
  assert.deepEqual(redactor.error({ code: TOKEN, message: "m" }), { code: "***", message: "m" });
});

Deno.test("redactor.event() masks what an event carries and never its structure", () => {
  const odd = createRedactor({
    odd: { a: "node.succeeded", b: "fetch", c: "NODE_FAILED", d: "info" },
  });
  const error = { code: "NODE_FAILED", message: "fetch failed" };
  const at = { node: "fetch", attempt: 1 };
  const events: readonly [RunEventBody, RunEventBody][] = [
    [
      {
        kind: "run.started",
        workflow: "w",
        version: "1.0",
        input: "fetch",
        trigger: { a: "fetch" },
      },
      { kind: "run.started", workflow: "w", version: "1.0", input: "***", trigger: { a: "***" } },
    ],
    [
      { kind: "node.succeeded", ...at, durationMs: 1, output: "fetch" },
      { kind: "node.succeeded", ...at, durationMs: 1, output: "***" },
    ],
    [
      { kind: "node.failed", ...at, durationMs: 1, error, allowed: false },
      {
        kind: "node.failed",
        ...at,
        durationMs: 1,
        error: { ...error, message: "*** failed" },
        allowed: false,
      },
    ],
    [
      { kind: "log", ...at, level: "info", message: "fetch", fields: { x: "fetch" } },
      { kind: "log", ...at, level: "info", message: "***", fields: { x: "***" } },
    ],
  ];
  for (const [event, want] of events) assert.deepEqual(odd.event(event), want);
  const started: RunEventBody = { kind: "node.started", ...at };
  assert.equal(odd.event(started), started);
});

Deno.test("redactor.result() and exchange() mask what they carry", () => {
  const timing = { startedAt: 0, completedAt: 1, durationMs: 1, nodeTimings: {} };
  const result = {
    success: false,
    status: "failed",
    runId: "1",
    outputs: { a: TOKEN },
    errors: { b: `NODE_FAILED: ${TOKEN}` },
    timing,
  } as const;
  assert.deepEqual(redactor.result(result), {
    ...result,
    outputs: { a: "***" },
    errors: { b: "NODE_FAILED: ***" },
  });
  const exchange = {
    service: "hn",
    method: "POST",
    url: `https://a.example/?q=${encodeURIComponent(TOKEN)}`,
    requestBody: { text: TOKEN },
    status: 200,
    headers: { "x-echo": TOKEN },
    body: { base64: base64(`\xff${TOKEN}`) },
  };
  assert.doesNotMatch(JSON.stringify(redactor.exchange(exchange)), /s3cr3t|czNjcjN0|NzY3IzdC9/);
});

/** A megabyte that keeps a careless pattern busy for minutes. */
const ADVERSARIAL: readonly (readonly [is: string, unit: string, tail?: string])[] = [
  ["eyJ", "eyJ"],
  ["JWT headers", "eyJabcdefgh."],
  ["JWT halves", "eyJabcdefgh.eyJx "],
  ["BEGIN", "-----BEGIN"],
  ["begin lines", "-----BEGIN PRIVATE KEY-----"],
  ["endless labels", "-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "],
  ["dashes", "-"],
  ["a key without end", "A", "-----BEGIN PRIVATE KEY-----\n"],
  ["GitHub heads", "ghp_"],
  ["AWS heads", "AKIA "],
  ["the start of a secret", "s3cr3t/t0ken+with=odd&char"],
  ["one character", "s"],
];

for (const [is, unit, head = ""] of ADVERSARIAL) {
  Deno.test(`a megabyte of ${is} is read in linear time, at once and in chunks`, () => {
    const text = head + unit.repeat(Math.ceil(1_000_000 / unit.length));
    const startedAt = performance.now();
    const whole = redactor.text(text);
    const stream = redactor.stream();
    let chunked = "";
    for (let at = 0; at < text.length; at += 997) chunked += stream.write(text.slice(at, at + 997));
    chunked += stream.flush();
    assert.ok(chunked === whole, "chunks give another result");
    // About 100 ms in practice; quadratic time would be minutes.
    assert.ok(performance.now() - startedAt < 5_000);
  });
}

Deno.test("a stream holds back only what may become a secret", () => {
  const stream = redactor.stream();
  assert.equal(stream.write("hello "), "hello ");
  assert.equal(stream.write("s3cr3t/t0"), "");
  assert.equal(stream.write("dd one, "), "s3cr3t/t0dd one, ");
  assert.equal(stream.write(`x${TOKEN}`), "x***");
  assert.equal(stream.write(" y"), " y");
  assert.equal(stream.write("ghp_0123456789"), "***");
  assert.equal(stream.write("abcdef"), "");
  assert.equal(stream.write("\n"), "\n");
  assert.equal(stream.write(`${KEY.slice(0, 50)}`), "***");
  assert.equal(stream.write(`${KEY.slice(50)}\n!`), "\n!");
  assert.equal(stream.write("AKIA"), "");
  assert.equal(stream.flush(), "AKIA");
  assert.equal(stream.write("again!"), "again!");
});

Deno.test("createRedactor() shares what is the same, and keeps apart what is not", () => {
  assert.equal(createRedactor({}), createRedactor({ short: { key: "abc" } }));
  const one = createRedactor({ a: { key: "one-secret" } });
  assert.equal(createRedactor({ a: { key: "one-secret" } }), one);
  const other = createRedactor({ a: { key: "other-secret" } });
  assert.equal(one.text("one-secret other-secret"), "*** other-secret");
  assert.equal(other.text("one-secret other-secret"), "one-secret ***");
  assert.equal(createRedactor({}).text("one-secret other-secret"), "one-secret other-secret");
});

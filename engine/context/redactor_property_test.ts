import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createRedactor } from "./redactor.ts";

/** Mulberry32: even numbers in [0, 1) that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ALPHABETS = [
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  "abc/+=&%?# \"'\\<>()!*~-_.,:;@$",
  "äöü€漢字🙂aé",
  "ab",
  "0123456789",
];

class Generator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] ?? assert.fail("nothing to pick from");
  }

  text(length: number, alphabet: string = this.pick(ALPHABETS)): string {
    const chars = [...alphabet];
    return Array.from({ length }, () => this.pick(chars)).join("");
  }

  secret(): string {
    if (this.below(8) > 0) return this.text(4 + this.below(40));
    return Array.from({ length: 3 }, () => this.text(8 + this.below(30), ALPHABETS[0])).join("\n");
  }
}

interface Encoding {
  readonly name: string;
  /** Fewest bytes for which this encoding is looked for. */
  readonly minBytes: number;
  encode(secret: string): string;
}

const ENCODINGS: readonly Encoding[] = [
  { name: "plain", minBytes: 4, encode: (secret) => secret },
  { name: "base64", minBytes: 4, encode: (secret) => Buffer.from(secret).toString("base64") },
  { name: "base64url", minBytes: 4, encode: (secret) => Buffer.from(secret).toString("base64url") },
  {
    name: "padded base64url",
    minBytes: 4,
    encode: (secret) =>
      Buffer.from(secret).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
  },
  { name: "URL", minBytes: 4, encode: encodeURIComponent },
  {
    name: "lower-case URL",
    minBytes: 4,
    encode: (secret) => encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  },
  {
    name: "form",
    minBytes: 4,
    encode: (secret) => new URLSearchParams({ k: secret }).toString().slice(2),
  },
  { name: "JSON", minBytes: 4, encode: (secret) => JSON.stringify(secret).slice(1, -1) },
  { name: "hex", minBytes: 8, encode: (secret) => Buffer.from(secret).toString("hex") },
];

Deno.test("no secret survives in any encoding, cut at every place (seeded)", () => {
  const generator = new Generator(20260102);
  for (let round = 0; round < 150; round++) {
    const secrets = Array.from({ length: 1 + generator.below(4) }, () => generator.secret());
    const redactor = createRedactor(
      Object.fromEntries(secrets.map((secret, i) => [`s${i}`, { token: secret }])),
    );
    const secret = generator.pick(secrets);
    const { name, minBytes, encode } = generator.pick(ENCODINGS);
    if (Buffer.byteLength(secret) < minBytes) continue;
    const form = encode(secret);
    const text = generator.text(generator.below(30)) + form + generator.text(generator.below(30));
    const whole = redactor.text(text);
    const about = `round ${round}: ${name} of ${JSON.stringify(secret)} in ${JSON.stringify(text)}`;
    assert.ok(!whole.includes(form), about);
    for (let cut = 0; cut <= text.length; cut++) {
      const stream = redactor.stream();
      const shown = stream.write(text.slice(0, cut)) + stream.write(text.slice(cut)) +
        stream.flush();
      assert.equal(shown, whole, `${about}, cut at ${cut}`);
    }
  }
});

Deno.test("chunks of any size give what the whole gives (seeded)", () => {
  const generator = new Generator(7);
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN";
  const line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n";
  const pem = `-----BEGIN PRIVATE KEY-----\n${line}${line}Mz==\n-----END PRIVATE KEY-----`;
  for (let round = 0; round < 400; round++) {
    const secrets = Array.from({ length: 3 }, () => generator.secret());
    const redactor = createRedactor({ s: Object.fromEntries(Object.entries(secrets)) });
    const parts = [
      ...secrets,
      jwt,
      pem,
      "ghp_0123456789abcdef",
      "AKIAIOSFODNN7EXAMPLE",
      "eyJ",
      "-----",
    ];
    let text = "";
    for (let i = 0; i < 6; i++) {
      const part = generator.pick(parts);
      text += generator.pick([
        part,
        part.slice(0, generator.below(part.length)),
        generator.text(9),
      ]);
    }
    const stream = redactor.stream();
    let shown = "";
    for (let at = 0; at < text.length;) {
      const size = 1 + generator.below(generator.pick([1, 4, 40]));
      shown += stream.write(text.slice(at, at + size));
      at += size;
    }
    shown += stream.flush();
    assert.equal(shown, redactor.text(text), `round ${round}: ${JSON.stringify(text)}`);
    for (const secret of secrets) assert.ok(!shown.includes(secret), `round ${round}`);
  }
});

Deno.test("a secret inside longer base64 cannot be decoded from what is left (seeded)", () => {
  const generator = new Generator(11);
  for (let round = 0; round < 300; round++) {
    const secret = generator.text(8 + generator.below(40), ALPHABETS[0]);
    const redactor = createRedactor({ s: { token: secret } });
    const inside = `${generator.text(generator.below(9), "xyz")}${secret}${
      generator.text(generator.below(9), "xyz")
    }`;
    const encoded = Buffer.from(inside).toString(generator.pick(["base64", "base64url"] as const));
    for (const piece of redactor.text(encoded).split("***")) {
      for (let skip = 0; skip < 4; skip++) {
        const decoded = Buffer.from(piece.slice(skip), "base64").toString("latin1");
        for (let at = 0; at + 4 <= secret.length; at++) {
          assert.ok(!decoded.includes(secret.slice(at, at + 4)), `round ${round}: ${encoded}`);
        }
      }
    }
  }
});

Deno.test("a secret in any JSON value is masked as key, text and number (seeded)", () => {
  const generator = new Generator(13);
  for (let round = 0; round < 200; round++) {
    const secret = generator.text(6, generator.pick(["0123456789", "abcdef"]));
    const redactor = createRedactor({ s: { token: `1${secret}` } });
    const number = Number(`1${secret}`);
    const value = {
      [`k-1${secret}`]: [{ deep: `x 1${secret} y` }],
      n: Number.isNaN(number) ? 0 : number,
    };
    assert.ok(!JSON.stringify(redactor.value(value)).includes(secret), `round ${round}`);
  }
});

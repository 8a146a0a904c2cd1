import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { seededRandom } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { createSecretReferences } from "./secret_references.ts";

const TOKEN = "ghp-canary-1234567890";
const references = createSecretReferences({
  github: { token: TOKEN, short: "abc", pin: "90210371" },
  "my.service": { key: "other-canary-0987" },
});

const CASES: readonly {
  readonly does: string;
  readonly value: JsonValue;
  readonly stored: JsonValue;
}[] = [
  { does: "a whole string", value: TOKEN, stored: { $secret: "github.token" } },
  {
    does: "a part of a string",
    value: `Bearer ${TOKEN}`,
    stored: { $text: ["Bearer ", { $secret: "github.token" }] },
  },
  {
    does: "two in one string",
    value: `${TOKEN}:other-canary-0987!`,
    stored: {
      $text: [{ $secret: "github.token" }, ":", { $secret: "my\\.service.key" }, "!"],
    },
  },
  {
    does: "base64",
    value: { auth: btoa(TOKEN) },
    stored: { auth: { $secret: "github.token", as: "base64" } },
  },
  {
    does: "the inside of longer base64",
    value: Buffer.from(`me:${TOKEN}`).toString("base64"),
    stored: { $text: ["bWU6", { $secret: "github.token", as: "base64" }] },
  },
  {
    does: "hex",
    value: Buffer.from(TOKEN).toString("hex"),
    stored: { $secret: "github.token", as: "hex" },
  },
  { does: "a number", value: [90210371], stored: [{ $secret: "github.pin", as: "number" }] },
  {
    does: "a key",
    value: { [TOKEN]: 1, other: [2] },
    stored: { $object: [[{ $secret: "github.token" }, 1], ["other", [2]]] },
  },
  {
    does: "an object that looks like a reference",
    value: { $secret: "github.token" },
    stored: { $object: [["$secret", "github.token"]] },
  },
  {
    does: "an object that looks like a text",
    value: [{ $text: [{ $object: 1 }], more: true }],
    stored: [{ $object: [["$text", [{ $object: [["$object", 1]] }]], ["more", true]] }],
  },
];

for (const { does, value, stored } of CASES) {
  Deno.test(`toStored() replaces ${does}, and restore() brings it back`, () => {
    assert.deepEqual(references.toStored(value), stored);
    assert.deepEqual(references.restore(stored), { value, missing: [] });
  });
}

Deno.test("toStored() and restore() hand back the same object when there is nothing to do", () => {
  const value = { a: [1, "two", { "$other": null }], short: "abc" };
  assert.equal(references.toStored(value), value);
  assert.equal(references.restore(value).value, value);
  const none = createSecretReferences({});
  assert.equal(none.toStored(value), value);
  assert.deepEqual(none.toStored({ $text: 1 }), { $object: [["$text", 1]] });
});

Deno.test("restore() says which secrets are gone, and gives the new value of one that changed", () => {
  const stored = references.toStored({
    a: TOKEN,
    b: `x${TOKEN}`,
    c: "other-canary-0987",
    d: 90210371,
  });
  const later = createSecretReferences({ "my.service": { key: "rotated-0987" } });
  assert.deepEqual(later.restore(stored), {
    value: { a: "***", b: "x***", c: "rotated-0987", d: "***" },
    missing: ["github.token", "github.pin"],
  });
});

Deno.test("a secret of many kilobytes is one reference", () => {
  const long = Array.from({ length: 10_000 }, (_, i) => String.fromCharCode(97 + i * 7 % 26)).join(
    "",
  );
  const own = createSecretReferences({ ca: { pem: long } });
  const stored = own.toStored(`-${long}-`);
  assert.deepEqual(stored, { $text: ["-", { $secret: "ca.pem" }, "-"] });
  assert.deepEqual(own.restore(stored).value, `-${long}-`);
});

Deno.test("a value nested thousands of levels is stored and restored", () => {
  let value: JsonValue = TOKEN;
  for (let i = 0; i < 20_000; i++) value = i % 2 === 0 ? [value] : { child: value };
  let restored = references.restore(references.toStored(value)).value;
  for (let i = 20_000 - 1; i >= 0; i--) {
    restored = i % 2 === 0
      ? (restored as JsonValue[])[0] ?? null
      : (restored as { child: JsonValue }).child;
  }
  assert.equal(restored, TOKEN);
});

Deno.test("restore(toStored(v)) is v, and no secret is in what is stored (seeded)", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const generator = new Values(random);
    const own = createSecretReferences(generator.secrets);
    for (let i = 0; i < 20; i++) {
      const value = generator.value(4);
      const stored = own.toStored(value);
      const text = JSON.stringify(stored);
      for (const secret of generator.all) {
        assert.ok(!text.includes(secret), `seed ${seed}: ${secret} in ${text}`);
        if (secret.length >= 8) {
          assert.ok(!text.includes(btoa(secret)), `seed ${seed}: base64 in ${text}`);
        }
      }
      assert.deepEqual(own.restore(JSON.parse(text)), { value, missing: [] }, `seed ${seed}`);
    }
  }
});

/** Random secrets, and random values that hold them. */
class Values {
  readonly #random: () => number;
  readonly all: readonly string[];
  readonly secrets: { readonly [service: string]: { readonly [key: string]: string } };

  constructor(random: () => number) {
    this.#random = random;
    this.all = Array.from({ length: 1 + this.#below(4) }, () => this.#secret());
    this.secrets = Object.fromEntries(this.all.map((value, i) => [`s${i}`, { k: value }]));
  }

  value(depth: number): JsonValue {
    switch (depth === 0 ? this.#below(4) : this.#below(6)) {
      case 0:
        return this.#pick([null, true, false, 0, -1.5, 42]);
      case 1:
        return this.#text();
      case 2:
        return this.#pick(this.all);
      case 3:
        return this.#numberOrText();
      case 4:
        return Array.from({ length: this.#below(4) }, () => this.value(depth - 1));
      default:
        return Object.fromEntries(
          Array.from({ length: this.#below(4) }, () => [this.#key(), this.value(depth - 1)]),
        );
    }
  }

  #key(): string {
    return this.#pick(["a", "$secret", "$text", "$object", "as", "__proto__", "", this.#text()]);
  }

  #numberOrText(): JsonValue {
    const digits = this.all.find((secret) => /^\d+$/.test(secret));
    return digits === undefined ? this.#text() : Number(digits);
  }

  #text(): string {
    const parts = Array.from({ length: 1 + this.#below(4) }, () => {
      const secret = this.#pick(this.all);
      return this.#pick([
        "",
        "x",
        "Bearer ",
        "$secret",
        secret,
        btoa(secret),
        encodeURIComponent(secret),
        secret.slice(1),
      ]);
    });
    return parts.join(this.#pick(["", " ", ":"]));
  }

  /** Upper case and digits, so that none is part of a reference's own words. */
  #secret(): string {
    if (this.#below(6) === 0) return String(1_000_000 + this.#below(8_999_999));
    const chars = "ABCDEFGHIJ0123456789+/%";
    return Array.from({ length: 4 + this.#below(24) }, () => chars[this.#below(chars.length)]).join(
      "",
    );
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

import assert from "node:assert/strict";
import { type CompactJWSHeaderParameters, CompactSign, generateKeyPair } from "jose";
import { FakeClock } from "../clock/mod.ts";
import { createVerifier, signToken, TokenError, type TokenProblem } from "./mod.ts";

const SECRET = "correct horse battery staple";
const NOW = 1_800_000_000_000;
const NOW_S = NOW / 1000;
const BYTES = new TextEncoder();

function verifierAt(now = NOW) {
  return createVerifier({ secret: SECRET, clock: new FakeClock(now) });
}

function sign(
  claims: unknown,
  header: CompactJWSHeaderParameters = { alg: "HS256" },
  secret = SECRET,
): Promise<string> {
  const text = typeof claims === "string" ? claims : JSON.stringify(claims);
  return new CompactSign(BYTES.encode(text)).setProtectedHeader(header).sign(BYTES.encode(secret));
}

async function problemOf(token: string, now = NOW): Promise<TokenProblem | undefined> {
  try {
    await verifierAt(now).verify(token);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
    return error.problem;
  }
}

function base64url(text: string): string {
  return BYTES.encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

const good = await sign({ sub: "ann" });
const [head = "", body = "", signature = ""] = good.split(".");
const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048 });
const rs256 = await new CompactSign(BYTES.encode("{}")).setProtectedHeader({ alg: "RS256" })
  .sign(privateKey);

const REFUSED: { readonly [name: string]: string } = {
  "alg none without a signature": `${base64url('{"alg":"none"}')}.${body}.`,
  "alg none with the signature of another": `${base64url('{"alg":"none"}')}.${body}.${signature}`,
  "alg in other letters": `${base64url('{"alg":"hs256"}')}.${body}.${signature}`,
  "RS256": rs256,
  "HS384": await sign({}, { alg: "HS384" }, SECRET.padEnd(64, "x")),
  "HS384 with this secret": await sign({}, { alg: "HS384" }),
  "another secret": await sign({}, { alg: "HS256" }, "another secret, as long"),
  "an empty header": `${base64url("{}")}.${body}.${signature}`,
  "a critical header that nobody knows": `${
    base64url('{"alg":"HS256","crit":["x"],"x":1}')
  }.${body}.${signature}`,
  "other claims than were signed": `${head}.${base64url('{"sub":"eve"}')}.${signature}`,
  "a signature that is cut": good.slice(0, -4),
  "no signature": `${head}.${body}.`,
  "two parts": `${head}.${body}`,
  "five parts": `${good}.a.b`,
  "no token at all": "hello",
  "spaces around it": ` ${good} `,
  "more text than a token has": `${good}${"a".repeat(9000)}`,
  "a token that is too long, well signed": await sign({ sub: "a".repeat(9000) }),
  "claims that are no JSON": await sign("{"),
  "claims that are a list": await sign([]),
  "claims that are null": await sign(null),
  "exp as text": await sign({ exp: String(NOW_S + 60) }),
  "exp as null": await sign({ exp: null }),
  "nbf as text": await sign({ nbf: "0" }),
  "iat as an object": await sign({ iat: {} }),
  "sub as a number": await sign({ sub: 7 }),
  "an unknown scope": await sign({ scope: "root" }),
  "an unknown scope beside a known one": await sign({ scope: "read root" }),
  "an empty scope": await sign({ scope: "" }),
  "a scope that is a list": await sign({ scope: ["admin"] }),
  "scopes by commas": await sign({ scope: "read,admin" }),
  "workflows that are text": await sign({ workflows: "a" }),
  "workflows that are no text": await sign({ workflows: [1] }),
};

for (const [name, token] of Object.entries(REFUSED)) {
  Deno.test(`verify() refuses a token with ${name}`, async () => {
    assert.equal(await problemOf(token), "token is unauthorized");
  });
}

const TIMES: readonly (readonly [
  name: string,
  claims: { readonly [name: string]: number },
  want: TokenProblem | undefined,
])[] = [
  ["exp a second ahead", { exp: NOW_S + 1 }, undefined],
  ["exp of this second", { exp: NOW_S }, "token is expired"],
  ["exp of the past", { exp: NOW_S - 1 }, "token is expired"],
  ["nbf of this second", { nbf: NOW_S }, undefined],
  ["nbf a second ahead", { nbf: NOW_S + 1 }, "token nbf validation failed"],
  ["iat of this second, with its fraction", { iat: NOW_S + 0.9 }, undefined],
  ["iat a second ahead", { iat: NOW_S + 1 }, "token iat validation failed"],
  ["no times", {}, undefined],
  ["exp before iat", { exp: NOW_S - 1, iat: NOW_S + 1 }, "token is expired"],
];

for (const [name, claims, want] of TIMES) {
  Deno.test(`verify() of a token with ${name} says ${want ?? "that it counts"}`, async () => {
    assert.equal(await problemOf(await sign(claims)), want);
  });
}

Deno.test("verify() follows the clock", async () => {
  const clock = new FakeClock(NOW);
  const verifier = createVerifier({ secret: SECRET, clock });
  const claims = { subject: "ann", scope: "read", workflows: undefined, ttlMs: 60_000 } as const;
  const token = await signToken(SECRET, claims, clock.now());
  await clock.advance(59_999);
  assert.equal((await verifier.verify(token)).subject, "ann");
  await clock.advance(1);
  await assert.rejects(verifier.verify(token), { code: "TOKEN_INVALID" });
});

Deno.test("verify() of a token that it knows lets no other one through, and knows a thousand at most", async () => {
  const verifier = verifierAt();
  const others = await Promise.all(
    Array.from({ length: 1_100 }, (_, i) => sign({ sub: `other ${i}` })),
  );
  for (let turn = 0; turn < 2; turn++) {
    assert.equal((await verifier.verify(good)).subject, "ann");
    const forged = `${head}.${base64url(JSON.stringify({ sub: "bob" }))}.${signature}`;
    for (const token of [forged, `${head}.${body}.${signature}A`, `${head}.${body}.`]) {
      await assert.rejects(verifier.verify(token), { code: "TOKEN_INVALID" });
    }
    for (const [index, token] of others.entries()) {
      assert.equal((await verifier.verify(token)).subject, `other ${index}`);
    }
  }
});

const SCOPES: readonly (readonly [claims: unknown, scope: string, workflows?: string[]])[] = [
  [{}, "admin"],
  [{ scope: "read" }, "read"],
  [{ scope: "run" }, "run"],
  [{ scope: "read  run" }, "run"],
  [{ scope: "admin read" }, "admin"],
  [{ scope: "read", workflows: ["a"] }, "read", ["a"]],
  [{ workflows: ["a", "deploy-*"] }, "run", ["a", "deploy-*"]],
  [{ workflows: [] }, "run", []],
];

for (const [claims, scope, workflows] of SCOPES) {
  Deno.test(`verify() of ${JSON.stringify(claims)} gives the scope ${scope}`, async () => {
    const principal = await verifierAt().verify(await sign(claims));
    assert.deepEqual(principal, { subject: "", scope, workflows });
  });
}

Deno.test("verify() of no text says that there is no token", async () => {
  assert.equal(await problemOf(""), "no token found");
});

Deno.test("a token error has a fix, and no word of the token", async () => {
  const token = await sign({ sub: "ann" }, { alg: "HS256" }, "another secret, as long");
  const error = await verifierAt().verify(token).then(() => undefined, (error) => error);
  assert.ok(error instanceof TokenError);
  assert.equal(error.code, "TOKEN_INVALID");
  assert.match(error.fix ?? "", /pd token create/);
  assert.ok(!`${error.message} ${error.stack}`.includes(token));
});

Deno.test("a token that expires after the last date there is has that as its end", async () => {
  for (const exp of [1e300, 8.64e12 + 1]) {
    const { expiresAt = NaN } = await verifierAt().verify(await sign({ exp }));
    assert.equal(new Date(expiresAt).toISOString(), "+275760-09-13T00:00:00.000Z");
  }
});

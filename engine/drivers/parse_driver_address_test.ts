import assert from "node:assert/strict";
import { DriverError } from "./driver_error.ts";
import {
  checkDriverParams,
  describeDriverAddress,
  parseDriverAddress,
} from "./parse_driver_address.ts";

const READ: readonly (readonly [
  text: string,
  driver: string,
  target: string | undefined,
  params: Record<string, string>,
])[] = [
  ["native", "native", undefined, {}],
  ["docker", "docker", undefined, {}],
  ["Docker", "docker", undefined, {}],
  [" docker\n", "docker", undefined, {}],
  ["podman", "docker", undefined, {}],
  ["k8s", "kubernetes", undefined, {}],
  ["kubernetes", "kubernetes", undefined, {}],
  ["docker://", "docker", undefined, {}],
  ["docker:///var/run/docker.sock", "docker", "/var/run/docker.sock", {}],
  ["docker:///with%20space.sock", "docker", "/with space.sock", {}],
  ["docker://127.0.0.1:2375", "docker", "127.0.0.1:2375", {}],
  ["docker://tcp://host:2375", "docker", "tcp://host:2375", {}],
  ["k8s://?namespace=jobs", "kubernetes", undefined, { namespace: "jobs" }],
  ["k8s://kind-a?namespace=jobs&x=", "kubernetes", "kind-a", { namespace: "jobs", x: "" }],
  ["k8s://arn:aws:eks/c@u", "kubernetes", "arn:aws:eks/c@u", {}],
  ["k8s?namespace=jobs", "kubernetes", undefined, { namespace: "jobs" }],
  ["k8s:namespace=jobs,context=a", "kubernetes", undefined, { namespace: "jobs", context: "a" }],
  ["docker:socket=/a/b.sock", "docker", undefined, { socket: "/a/b.sock" }],
  ["native?cache=local://./c?key=a+b/c==", "native", undefined, {
    cache: "local://./c?key=a+b/c==",
  }],
  ["native?cache=local://./c%3Fa%3D1%26b%3D2", "native", undefined, {
    cache: "local://./c?a=1&b=2",
  }],
  ["native?__proto__=x", "native", undefined, JSON.parse('{"__proto__":"x"}')],
];

for (const [text, driver, target, params] of READ) {
  Deno.test(`parseDriverAddress() reads ${JSON.stringify(text)}`, () => {
    const address = parseDriverAddress(text);
    assert.deepEqual(address, { driver, target, params, text: text.trim() });
  });
}

const REFUSED: readonly (readonly [what: string, text: string, message: RegExp, fix: RegExp])[] = [
  ["nothing", "", /begins with a name: none/, /--driver docker/],
  ["only parameters", "?cache=x", /begins with a name/, /--driver docker/],
  ["a typing slip", "dokcer", /"dokcer".*none of that name/, /^--driver docker$/],
  ["a typing slip in an alias", "podmn://x", /"podmn"/, /^--driver podman$/],
  ["a name that is near nothing", "lambda", /native, docker, podman/, /--driver docker/],
  ["a driver to come", "fly", /"fly".*not part of this version/, /--driver native\|docker/],
  ["a driver to come, with a target", "hetzner://x?token=t", /"hetzner".*not part/, /--driver/],
  ["a path behind one colon", "docker:/var/run/docker.sock", /no pair/, /^docker:\/\/\/var/],
  ["a word behind one colon", "k8s:jobs", /no pair/, /^k8s, or k8s:key=value$/],
  ["nothing behind the colon", "docker:", /nothing follows/, /^docker, or/],
  ["a parameter without a value", "docker?cache", /not key=value/, /--driver/],
  ["a parameter without a name", "docker?=x", /not key=value/, /--driver/],
  ["a parameter that is there twice", "k8s?a=1&a=2", /a is there twice/, /--driver/],
  ["a lone percent sign", "docker:///100%", /percent-encoded/, /%25/],
  ["a NUL byte", "docker:///a%00b", /control characters/, /--driver/],
  ["a line break", "docker\n://x", /control characters/, /--driver/],
];

for (const [what, text, message, fix] of REFUSED) {
  Deno.test(`parseDriverAddress() refuses ${what}`, () => {
    const error = refusal(() => parseDriverAddress(text));
    assert.equal(error.code, "DRIVER_INVALID");
    assert.match(error.message, message);
    assert.match(error.fix ?? "", fix);
  });
}

Deno.test("parseDriverAddress() shows no parameter in what it says", () => {
  for (
    const text of ["dokcer?key=hunter2", "docker?key=hunter2&key=hunter2", "docker?k=hunter2%"]
  ) {
    const { message, fix } = refusal(() => parseDriverAddress(text));
    assert.doesNotMatch(`${message} ${fix}`, /hunter2/);
  }
});

Deno.test("parseDriverAddress() answers a very long text with a short message", () => {
  const { message } = refusal(() => parseDriverAddress("x".repeat(100_000)));
  assert.ok(message.length < 200, message);
});

Deno.test("describeDriverAddress() is the address without its parameters", () => {
  const shown = (text: string) => describeDriverAddress(parseDriverAddress(text));
  assert.equal(
    shown("docker:///run/docker.sock?cache=local://x?key=hunter2"),
    "docker:///run/docker.sock",
  );
  assert.equal(shown("podman"), "podman");
  assert.equal(shown("k8s:namespace=jobs"), "k8s");
});

Deno.test("checkDriverParams() refuses a parameter the driver does not have, with the nearest", () => {
  const address = parseDriverAddress("k8s://kind?namespac=jobs");
  const error = refusal(() => checkDriverParams(address, ["namespace", "context"]));
  assert.match(error.message, /"k8s:\/\/kind".*no parameter of that name: namespac$/);
  assert.equal(error.fix, "namespace=…");
  checkDriverParams(parseDriverAddress("k8s://kind?namespace=jobs"), ["namespace"]);
});

function refusal(work: () => void): DriverError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof DriverError);
    return error;
  }
  assert.fail("it was read");
}

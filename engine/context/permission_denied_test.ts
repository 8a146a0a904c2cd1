import assert from "node:assert/strict";
import { permissionDenied } from "./permission_denied.ts";

const NODE = "fetch";

interface Refusal {
  readonly tries: string;
  readonly attempt: () => unknown;
  readonly message: RegExp;
  readonly fix: RegExp;
}

/** What a node tries, and what it is told. Each runs against the real runtime with no rights at all. */
const REFUSED: readonly Refusal[] = [
  {
    tries: "fetch()",
    attempt: () => fetch("https://api.example/x"),
    message: /^Cannot reach "api\.example:443" as node "fetch"/,
    fix: /^Add to node "fetch" in workflow\.yaml: permissions: \{ net: \[api\.example\] \}$/,
  },
  {
    tries: "Deno.connect() on a port of its own",
    attempt: () => Deno.connect({ hostname: "db.example", port: 5432 }),
    message: /"db\.example:5432"/,
    fix: /net: \[db\.example:5432\]/,
  },
  {
    tries: "an IPv6 address",
    attempt: () => Deno.connect({ hostname: "::1", port: 8080 }),
    message: /::1/,
    fix: /net: \["\[::1\]:8080"\]/,
  },
  {
    tries: "node:http",
    attempt: async () => {
      const { get } = await import("node:http");
      await new Promise((_resolve, reject) => get("http://api.example/").on("error", reject));
    },
    message: /"api\.example"/,
    fix: /net: \[api\.example\]/,
  },
  {
    tries: "Deno.readTextFile()",
    attempt: () => Deno.readTextFile("/etc/passwd"),
    message: /^Cannot read "\/etc\/passwd"/,
    fix: /permissions: \{ read: \[\/etc\/passwd\] \}$/,
  },
  {
    tries: "a file with an odd name",
    attempt: () => Deno.readTextFile('/tmp/a, "b": c'),
    message: /a, "b": c/,
    fix: /read: \["\/tmp\/a, \\"b\\": c"\]/,
  },
  {
    tries: "a secrets file",
    attempt: () => Deno.readTextFile("/srv/demo/.secrets/github.json"),
    message: /\.secrets/,
    fix: /^Use ctx\.secrets.*permissions: \{ secrets: \[<service>\] \}$/,
  },
  {
    tries: "node:fs",
    attempt: async () => (await import("node:fs")).readFileSync("/etc/passwd"),
    message: /"\/etc\/passwd"/,
    fix: /read: \[\/etc\/passwd\]/,
  },
  {
    tries: "Deno.writeTextFile()",
    attempt: () => Deno.writeTextFile("/srv/out.txt", ""),
    message: /^Cannot write "\/srv\/out\.txt"/,
    fix: /permissions: \{ write: \[\/srv\/out\.txt\] \}$/,
  },
  {
    tries: "Deno.makeTempFile()",
    attempt: () => Deno.makeTempFile(),
    message: /<TMP>/,
    fix: /write: \[\/tmp\]/,
  },
  {
    tries: "an environment variable",
    attempt: () => Deno.env.get("HOME"),
    message: /^Cannot read "\$HOME"/,
    fix: /ctx\.config.*ctx\.secrets/,
  },
  {
    tries: "a process",
    attempt: () => new Deno.Command("ls").output(),
    message: /^Cannot run "ls"/,
    fix: /`run:`/,
  },
  {
    tries: "node:child_process",
    attempt: async () => (await import("node:child_process")).execSync("ls"),
    message: /^Cannot read "the environment"/,
    fix: /start no processes/,
  },
  {
    tries: "a shared library",
    attempt: () => Deno.dlopen("/lib/x.so", {}),
    message: /^Cannot load "\/lib\/x\.so"/,
    fix: /native code/,
  },
  {
    tries: "the host name",
    attempt: () => Deno.hostname(),
    message: /"hostname"/,
    fix: /ctx\.config/,
  },
];

for (const { tries, attempt, message, fix } of REFUSED) {
  Deno.test({
    name: `a node that tries ${tries} without the right is told what to do`,
    permissions: "none",
    fn: async () => {
      const error = await thrownBy(attempt);
      const denied = permissionDenied(error, NODE);
      assert.equal(denied?.code, "PERMISSION_DENIED");
      assert.match(denied.message, message);
      assert.match(denied.fix ?? "", fix);
      assert.equal(denied.cause, error);
    },
  });
}

Deno.test("a refused import() is told by its words, as its error is a TypeError", () => {
  const refused = (need: string, flag: string) =>
    permissionDenied(
      new TypeError(`Requires ${need}, run again with the --allow-${flag} flag`),
      NODE,
    );
  const file = refused('read access to "/etc/hosts.json"', "read");
  assert.match(file?.fix ?? "", /read: \[\/etc\/hosts\.json\]/);
  const remote = refused('import access to "evil.example:443"', "import");
  assert.match(remote?.message ?? "", /^Cannot import "evil\.example:443"/);
  assert.match(remote?.fix ?? "", /^Import npm packages/);
});

Deno.test("a refusal is found behind the errors that wrap it", () => {
  const inner = new Deno.errors.NotCapable(
    'Requires net access to "a.example:80", run again with the --allow-net flag',
  );
  const outer = new Error("request failed", { cause: new Error("socket", { cause: inner }) });
  assert.match(permissionDenied(outer, NODE)?.fix ?? "", /net: \[a\.example\]/);
});

Deno.test("other errors are no refusal, also in a circle of causes", () => {
  const circle = new Error("a");
  circle.cause = circle;
  const own = new Error("Requires net access to succeed");
  for (const error of [circle, own, new TypeError("x"), new Deno.errors.NotFound("x")]) {
    assert.equal(permissionDenied(error, NODE), undefined);
  }
});

async function thrownBy(attempt: () => unknown): Promise<Error> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return assert.fail("it was allowed");
}

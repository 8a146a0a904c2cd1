import assert from "node:assert/strict";
import { dependencyError } from "./dependencies.ts";

const CASES: readonly { name: string; stderr: string; message: RegExp; fix: RegExp }[] = [
  {
    name: "a bare name says how to import it",
    stderr: 'error: Import "lodash" not a dependency and not in import map from "file:///w/a.ts"\n',
    message: /from "file:\/\/\/w\/a\.ts"$/,
    fix: /^Write "npm:lodash" in that import, or add to deno\.json/,
  },
  {
    name: "an address names no flag that a user of pd cannot give",
    stderr:
      'error: Requires import access to "a.example:443", run again with the --allow-import flag\n' +
      "    at file:///w/a.ts:1:15\n",
    message: /Requires import access to "a\.example:443" at file:\/\/\/w\/a\.ts:1:15$/,
    fix: /^Use a package from npm: or jsr:/,
  },
  {
    name: "a package that does not exist keeps its place",
    stderr: "error: npm package 'nope' does not exist.\n    at file:///w/a.ts:2:8\n",
    message: /'nope' does not exist\. at file:\/\/\/w\/a\.ts:2:8$/,
    fix: /^Check the package names/,
  },
];

for (const { name, stderr, message, fix } of CASES) {
  Deno.test(`dependencyError(): ${name}`, () => {
    const error = dependencyError(stderr);
    assert.equal(error.code, "DEPENDENCY_UNAVAILABLE");
    assert.match(error.message, message);
    assert.match(error.fix ?? "", fix);
  });
}

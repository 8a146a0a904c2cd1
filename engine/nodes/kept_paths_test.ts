import assert from "node:assert/strict";
import { keptPaths } from "./kept_paths.ts";

const FORMAT = ["workflow.yaml", "workflow.yml", "deno.json", "deno.jsonc"];

const CASES: readonly { name: string; grants: readonly string[]; kept: readonly string[] }[] = [
  { name: "nothing", grants: [], kept: [] },
  { name: "a folder beside the code", grants: ["/w/out"], kept: [] },
  { name: "a folder above the workflow", grants: ["/"], kept: ["/w"] },
  {
    name: "the workflow folder",
    grants: ["/w/./"],
    kept: [...FORMAT.map((name) => `/w/${name}`), "/w/nodes", "/w/main.ts"],
  },
  {
    name: "the workflow folder, and one among the code",
    grants: ["/w", "/w/nodes/data"],
    kept: [...FORMAT.map((name) => `/w/${name}`), "/w/nodes/a.ts", "/w/nodes/lib", "/w/main.ts"],
  },
  {
    name: "a folder above and one inside",
    grants: ["/", "/w/out"],
    kept: [...FORMAT.map((name) => `/w/${name}`), "/w/nodes", "/w/main.ts"],
  },
  { name: "the code itself", grants: ["/w/nodes"], kept: ["/w/nodes/a.ts", "/w/nodes/lib"] },
];

for (const { name, grants, kept } of CASES) {
  Deno.test(`a node that may write ${name} is kept from what decides on other nodes`, () => {
    const files = ["/w/nodes/a.ts", "/w/nodes/lib/b.ts", "/w/main.ts"];
    const paths = keptPaths(grants, { workflowDir: "/w", files }, () => undefined);
    const engine = decodeURIComponent(new URL("../..", import.meta.url).pathname).slice(0, -1);
    assert.deepEqual(paths.filter((path) => path !== engine), kept);
  });
}

Deno.test("a node that may write above the caches is kept from them", () => {
  const env = (name: string) => ({ DENO_DIR: "/cache/deno", XDG_CACHE_HOME: "/cache/user" })[name];
  const paths = keptPaths(["/cache"], { workflowDir: "/w", files: [] }, env);
  assert.deepEqual(paths, ["/cache/deno", "/cache/user/pipedreamer"]);
});

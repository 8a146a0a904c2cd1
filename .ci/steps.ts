import { isPage, projectFiles } from "./project_files.ts";
import type { Step } from "./step.ts";

/** The validator of `openspec/`. Its dependencies are pinned by a lock file of their own. */
const OPENSPEC = "npm:@fission-ai/openspec@1.13.2";

/** Types have a step of their own: one mistake in them shall not keep every test from running. */
const TEST = ["test", "--allow-all", "--no-check", "--quiet"];

/** Every step of the gate, in the order in which a mistake is cheapest to hear of. */
export async function gateSteps(
  root: string,
  options: { readonly withServers: boolean },
): Promise<Step[]> {
  const files = await projectFiles(root);
  const pages = files.filter(isPage);
  const folders = ["engine", "builder", "deploy", "cli", "examples", "bench", ".ci"]
    .filter((folder) =>
      files.some((file) => file.startsWith(`${folder}/`) && /_test\.tsx?$/.test(file))
    );
  const steps: Step[] = [
    { name: "format", about: "deno fmt --check", args: ["fmt", "--check"] },
    { name: "lint", about: "deno lint", args: ["lint"] },
    {
      name: "types",
      about: "every file and every example in a doc comment compiles",
      args: ["check", "--quiet", "--doc", "."],
    },
    {
      name: "docs",
      about: "every example in a page compiles",
      args: ["check", "--quiet", "--doc-only", ...pages],
    },
    {
      name: "openspec",
      about: "openspec validate --all --strict",
      args: [
        "run",
        "--quiet",
        "--no-config",
        "--node-modules-dir=none",
        "--lock=.ci/openspec.lock",
        "--frozen",
        "--allow-read",
        "--allow-env",
        "--allow-sys",
        OPENSPEC,
        "validate",
        "--all",
        "--strict",
      ],
      env: { OPENSPEC_TELEMETRY: "0" },
    },
    {
      name: "unit",
      about: "tests beside their source, and the rules of the house",
      args: [...TEST, ...folders],
    },
  ];
  if (!options.withServers) return steps;
  return [...steps, {
    name: "e2e",
    about: "tests that start real servers, browsers and processes",
    args: [...TEST, "e2e"],
  }];
}

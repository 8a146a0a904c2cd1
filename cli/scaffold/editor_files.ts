import { workflowJsonSchema } from "../../engine/spec/mod.ts";

/** Where authors import from, on this machine. */
const AUTHOR_MODULE = new URL("../../engine/mod.ts", import.meta.url).href;

/** Files that let an editor complete `workflow.yaml` and `ctx.`, by path. */
export async function editorFiles(): Promise<readonly (readonly [path: string, text: string])[]> {
  return [
    ["deno.json", json({ imports: { pipedreamer: AUTHOR_MODULE } })],
    [".vscode/workflow.schema.json", json(await workflowJsonSchema())],
    [
      ".vscode/settings.json",
      json({
        "deno.enable": true,
        "yaml.schemas": { "./.vscode/workflow.schema.json": ["workflow.yaml"] },
      }),
    ],
    [
      ".vscode/extensions.json",
      json({ recommendations: ["denoland.vscode-deno", "redhat.vscode-yaml"] }),
    ],
    [".gitignore", ".secrets/\n.secrets.yaml\n.pd/\n"],
  ];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

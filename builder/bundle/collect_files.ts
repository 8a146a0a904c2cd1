import { listWorkspace } from "../../engine/workspace/mod.ts";

/** What nodes are made of, what describes and tests them: none of it is read at run time. */
const LEFT_OUT = [
  /^(?:workflow\.ya?ml|deno\.jsonc?|deno\.lock|package(?:-lock)?\.json|README\.md)$/,
  /^(?:tests|testdata|node_modules)\//,
  /\.[cm]?tsx?$/,
  /(?:^|\/)\./,
];

/** The files of a workflow folder that its nodes may read: data, templates. Code is left out, and what is ignored. */
export async function collectFiles(root: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { path, info } of listWorkspace({ dir: root, include: [], ignore: [] })) {
    if (info.isDirectory || LEFT_OUT.some((pattern) => pattern.test(path))) continue;
    const stat = info.isSymlink ? await Deno.stat(`${root}/${path}`).catch(() => undefined) : info;
    if (stat?.isFile === true) files.set(path, await Deno.readFile(`${root}/${path}`));
  }
  return files;
}

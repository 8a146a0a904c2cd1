import { CodedError } from "../errors/mod.ts";

/**
 * Refuses a workflow folder that holds a way out of itself. The runtime grants reading by path and does
 * not see through a symlink inside a granted folder, so every one is resolved here, before any node runs.
 *
 * @throws {CodedError} `PATH_ESCAPE` for a symlink that leaves the folder or reaches a secret
 */
export function checkFolder(workflowDir: string, secretPaths: readonly string[]): void {
  const root = Deno.realPathSync(workflowDir);
  const secrets = secretPaths.flatMap((path) => realPathOf(path) ?? []);
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (secrets.includes(folder)) continue;
    for (const entry of Deno.readDirSync(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isSymlink) checkLink(path, { folder, root, secrets });
      else if (entry.isDirectory) pending.push(path);
    }
  }
}

/**
 * The real path of a module, once it is known to lie inside the folder.
 *
 * @throws {CodedError} `NODE_NOT_FOUND`, `PATH_ESCAPE`
 */
export function checkModule(workflowDir: string, node: string, path: string): string {
  const root = Deno.realPathSync(workflowDir);
  const real = realPathOf(`${root}/${path}`);
  const key = `nodes.${node}.path`;
  if (real === undefined || !Deno.statSync(real).isFile) {
    throw new CodedError(
      "NODE_NOT_FOUND",
      `Cannot find "${path}" as the module of node "${node}": no such file in ${workflowDir}`,
      { fix: `Create the file, or correct ${key} in workflow.yaml` },
    );
  }
  if (!isInside(real, root)) {
    throw escape(path, real, `Move the file into the folder and correct ${key}`);
  }
  return real;
}

function checkLink(
  path: string,
  place: { folder: string; root: string; secrets: readonly string[] },
): void {
  const target = realPathOf(path) ?? danglingTarget(path, place.folder);
  const name = path.slice(place.root.length + 1);
  const fix = `rm "${path}", or put the file itself into the workflow folder`;
  if (!isInside(target, place.root)) throw escape(name, target, fix);
  for (const secret of place.secrets) {
    if (isInside(target, secret) || isInside(secret, target)) {
      throw new CodedError(
        "PATH_ESCAPE",
        `Cannot load "${name}" as a symlink in a workflow folder may not reach a secret: it leads to ` +
          `"${target}"`,
        { fix: `rm "${path}"` },
      );
    }
  }
}

function escape(name: string, target: string, fix: string): CodedError {
  return new CodedError(
    "PATH_ESCAPE",
    `Cannot load "${name}" as everything in a workflow folder must stay inside it: it leads to "${target}"`,
    { fix },
  );
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function realPathOf(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

/** Where a link would lead if its target existed. */
function danglingTarget(path: string, folder: string): string {
  return new URL(Deno.readLinkSync(path), `file://${folder}/`).pathname;
}

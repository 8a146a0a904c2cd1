/** What a registry lets somebody in with. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Asks a credential helper; undefined when it knows nothing of that registry. */
export type AskHelper = (helper: string, registry: string) => Promise<Credentials | undefined>;

/** A helper that asks somebody for a password would never answer. */
const LIMIT_MS = 30_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/**
 * Runs `docker-credential-<helper> get`, which takes the registry on stdin and writes JSON. The password is in
 * no argument and in no message.
 *
 * @throws {Error} when there is no such helper, or it fails for another reason than not knowing the registry
 */
export async function askHelper(
  helper: string,
  registry: string,
): Promise<Credentials | undefined> {
  if (!NAME.test(helper)) throw new Error(`"${helper}" is no name of a credential helper`);
  const child = new Deno.Command(`docker-credential-${helper}`, {
    args: ["get"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(LIMIT_MS),
  }).spawn();
  const [, { success, stdout }] = await Promise.all([write(child, registry), child.output()]);
  const text = new TextDecoder().decode(stdout);
  if (!success) {
    if (/credentials not found/i.test(text)) return undefined;
    throw new Error(`docker-credential-${helper} failed`);
  }
  const { Username: username, Secret: password } = parsed(text, helper);
  return typeof username === "string" && typeof password === "string"
    ? { username, password }
    : undefined;
}

async function write(child: Deno.ChildProcess, text: string): Promise<void> {
  try {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It has ended without reading, which its exit code tells about.
  }
}

function parsed(text: string, helper: string): { Username?: unknown; Secret?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    // Not as the cause: what it wrote may be a password.
    throw new Error(`docker-credential-${helper} wrote no JSON`);
  }
}

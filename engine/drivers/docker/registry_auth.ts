import type { AskHelper } from "./credential_helper.ts";

/** The registry of an image reference: what stands before the first slash, when that is a host. */
export function registryOf(image: string): string {
  const [first, ...rest] = image.split("/");
  const isHost = rest.length > 0 && first !== undefined && /[.:]|^localhost$/.test(first);
  return isHost ? first : "docker.io";
}

/** Name and tag or digest, as a pull takes them; without one the daemon would fetch every tag there is. */
export function splitImage(image: string): { readonly name: string; readonly tag: string } {
  const at = image.indexOf("@");
  if (at >= 0) return { name: image.slice(0, at), tag: image.slice(at + 1) };
  const colon = image.lastIndexOf(":");
  if (colon > image.lastIndexOf("/")) {
    return { name: image.slice(0, colon), tag: image.slice(colon + 1) };
  }
  return { name: image, tag: "latest" };
}

/** The key of Docker's own registry in configuration files and credential helpers. */
const DOCKER_HUB = "https://index.docker.io/v1/";
/** The name that a helper gives with a token in place of a password. */
const TOKEN_USER = "<token>";

/**
 * The value of `X-Registry-Auth` for an image, as a Docker configuration file has it: by the credential helper of
 * its registry (`credHelpers`), by the one for all (`credsStore`), or in the file itself (`auths`). Undefined when
 * it knows nothing of the image's registry.
 *
 * @throws {Error} when a credential helper cannot be asked
 */
export async function registryAuth(
  config: string,
  image: string,
  ask: AskHelper,
): Promise<string | undefined> {
  const registry = registryOf(image);
  const { auths = {}, credHelpers = {}, credsStore } = read(config);
  const key = Object.keys(auths).find((key) => isOf(registry, key)) ??
    (registry === "docker.io" ? DOCKER_HUB : registry);
  const helper = Object.entries(credHelpers).find(([key]) => isOf(registry, key))?.[1] ??
    credsStore;
  const found = helper ? await ask(helper, key) : undefined;
  if (found !== undefined) {
    const { username, password } = found;
    return username === TOKEN_USER
      ? encoded({ identitytoken: password, serveraddress: key })
      : encoded({ username, password, serveraddress: key });
  }
  const { auth, identitytoken } = auths[key] ?? {};
  if (identitytoken) return encoded({ identitytoken, serveraddress: key });
  if (!auth) return undefined;
  const [username, ...password] = new TextDecoder().decode(Uint8Array.fromBase64(auth)).split(":");
  return encoded({ username, password: password.join(":"), serveraddress: key });
}

/** Whether a key of the file, a host with or without scheme and path, is that registry. */
function isOf(registry: string, key: string): boolean {
  const host = key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return host === registry || registry === "docker.io" && host.endsWith(".docker.io");
}

function encoded(auth: { readonly [key: string]: string | undefined }): string {
  return new TextEncoder().encode(JSON.stringify(auth)).toBase64({ alphabet: "base64url" });
}

interface DockerConfig {
  readonly auths?: { readonly [key: string]: { auth?: string; identitytoken?: string } };
  readonly credHelpers?: { readonly [registry: string]: string };
  readonly credsStore?: string;
}

function read(config: string): DockerConfig {
  try {
    return JSON.parse(config) ?? {};
  } catch {
    return {};
  }
}

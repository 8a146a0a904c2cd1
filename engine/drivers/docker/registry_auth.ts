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

/**
 * The value of `X-Registry-Auth` for an image, of the plain `auths` of a Docker configuration file. Undefined
 * when it knows nothing of the image's registry, or keeps that in a credential helper.
 */
export function registryAuth(config: string, image: string): string | undefined {
  const registry = registryOf(image);
  for (const [key, entry] of Object.entries(authsOf(config))) {
    const host = key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
    const isIt = host === registry || registry === "docker.io" && host.endsWith(".docker.io");
    if (!isIt || entry.auth === undefined) continue;
    const [username, ...password] = new TextDecoder().decode(Uint8Array.fromBase64(entry.auth))
      .split(":");
    const auth = { username, password: password.join(":"), serveraddress: key };
    return new TextEncoder().encode(JSON.stringify(auth)).toBase64({ alphabet: "base64url" });
  }
  return undefined;
}

function authsOf(config: string): { [key: string]: { auth?: string } } {
  try {
    return JSON.parse(config)?.auths ?? {};
  } catch {
    return {};
  }
}

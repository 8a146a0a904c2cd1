const MAX_READABLE = 40;

/** A name for the daemon: something to recognise, and a hash of all that tells it from others. */
export async function nameOf(readable: string, parts: readonly string[]): Promise<string> {
  const clean = readable.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, MAX_READABLE)
    .replace(/^-+|-+$/g, "");
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
  return clean === "" ? `pd-${hash}` : `pd-${clean}-${hash}`;
}

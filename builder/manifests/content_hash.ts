import { createHash, pbkdf2Sync } from "node:crypto";
import type { Labels } from "./manifest.ts";

/**
 * Guessing a short secret from the hash costs so much for each try. The annotation is open to whoever may
 * read a Deployment, which is more people than may read a Secret.
 */
const ROUNDS = 5_000;
const BYTES = 32;

/**
 * A text that changes with the image and the secrets, and tells neither: set on the pods it makes them roll.
 *
 * @returns `sha256:` and 64 hexadecimal digits
 */
export function contentHash(name: string, image: string, secretData: Labels): string {
  const content = JSON.stringify([image, Object.entries(secretData).sort()]);
  if (Object.keys(secretData).length === 0) {
    return `sha256:${createHash("sha256").update(content).digest("hex")}`;
  }
  const digest = pbkdf2Sync(content, `pipedreamer/${name}`, ROUNDS, BYTES, "sha256");
  return `sha256:${digest.toString("hex")}`;
}

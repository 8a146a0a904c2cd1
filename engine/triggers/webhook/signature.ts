import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 (RFC 2104) of the parts in a row. */
export function hmacSha256(secret: string, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** SHA-256 of the parts in a row, in hex. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Whether `hex` spells `mac`. Takes equally long wherever they differ. */
export function isHexOf(hex: string, mac: Uint8Array): boolean {
  if (hex.length !== mac.length * 2 || !/^[0-9a-f]+$/i.test(hex)) return false;
  return timingSafeEqual(Uint8Array.fromHex(hex), mac);
}

/** Whether two texts are the same. Takes equally long wherever they differ, and whatever their lengths. */
export function isSameText(given: string, secret: string): boolean {
  return timingSafeEqual(
    createHash("sha256").update(given).digest(),
    createHash("sha256").update(secret).digest(),
  );
}

/** Why a time in epoch seconds is none to accept; `undefined` when it is. */
export function timeFlaw(
  seconds: string,
  { now, toleranceMs }: { readonly now: number; readonly toleranceMs: number },
): string | undefined {
  if (!/^\d{1,12}$/.test(seconds)) return "its timestamp is no number of seconds";
  const ageMs = now - Number(seconds) * 1000;
  if (ageMs > toleranceMs) return `its timestamp is ${Math.round(ageMs / 1000)} s old`;
  if (-ageMs > toleranceMs) return `its timestamp is ${Math.round(-ageMs / 1000)} s ahead`;
  return undefined;
}

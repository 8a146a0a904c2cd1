/** How senders of webhooks prove themselves, and how their deliveries are read. */
export type WebhookSchemes = Pick<typeof import("./webhook/mod.ts"), "SCHEMES" | "readInput">;

/** Computed: whoever has no webhook needs none of it. */
const WEBHOOK = new URL("./webhook/mod.ts", import.meta.url).href;

/** Loads them, for what takes webhooks without a trigger. */
export async function loadWebhookSchemes(): Promise<WebhookSchemes> {
  return await import(WEBHOOK);
}

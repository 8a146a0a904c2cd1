import type { MsgHdrs } from "@nats-io/transport-node";
import type { JsonObject, JsonValue } from "../../json/mod.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The input that a message is: JSON; else its text; bytes that are no text as `{base64, content_type}`. A
 * `Content-Type` header decides where there is one: `text/*` is never read as JSON, and what is neither text
 * nor JSON stays bytes. An empty message is `{}`.
 */
export function readPayload(data: Uint8Array, headers: MsgHdrs | undefined): JsonValue {
  if (data.length === 0) return {};
  const contentType = headerOf(headers, "content-type");
  const media = contentType?.split(";")[0]?.trim().toLowerCase();
  const isJson = media === undefined || /[/+]json$/.test(media);
  if (isJson || isTextual(media)) {
    const text = decode(data);
    if (text !== undefined) return isJson ? parse(text) : text;
  }
  return { base64: toBase64(data), content_type: contentType ?? "application/octet-stream" };
}

/** Headers as an object; several values of a name are joined by commas, as in HTTP. */
export function readHeaders(headers: MsgHdrs | undefined): JsonObject {
  if (headers === undefined) return {};
  return Object.fromEntries([...headers].map(([name, values]) => [name, values.join(", ")]));
}

/** The value of a header, whatever its case. */
export function headerOf(headers: MsgHdrs | undefined, name: string): string | undefined {
  if (headers === undefined) return undefined;
  for (const [key, values] of headers) if (key.toLowerCase() === name) return values[0];
  return undefined;
}

function isTextual(media: string): boolean {
  return media.startsWith("text/") || /[/+](xml|yaml|csv)$/.test(media) ||
    media === "application/x-www-form-urlencoded";
}

function decode(data: Uint8Array): string | undefined {
  try {
    return UTF8.decode(data);
  } catch {
    return undefined;
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function toBase64(data: Uint8Array): string {
  return data.toBase64();
}

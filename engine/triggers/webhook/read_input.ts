import { CodedError } from "../../errors/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { Delivery } from "./delivery.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The input that a delivery is: JSON; the fields of a form, or the JSON in its field `payload`; any other
 * text as `{body: text}`. An empty body is `{}`.
 *
 * @throws {CodedError} `BAD_REQUEST` for JSON that is none, `UNSUPPORTED_MEDIA_TYPE` for what is no text
 */
export function readInput({ headers, body }: Delivery): JsonValue {
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") throw unsupported(`it is packed (${encoding})`);
  const media = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (media.startsWith("multipart/")) throw unsupported(`it is ${media}`);
  const text = decode(body);
  if (text.trim() === "") return {};
  if (/[/+]json$/.test(media)) return parse(text);
  // What curl -d calls a form is JSON more often than not; a form never begins so.
  const isForm = media === "application/x-www-form-urlencoded" && !/^\s*[{[]/.test(text);
  if (isForm) return readForm(text);
  if (media !== "" && media !== "application/x-www-form-urlencoded") return { body: text };
  try {
    return JSON.parse(text);
  } catch {
    return { body: text };
  }
}

function readForm(text: string): JsonValue {
  const fields = new URLSearchParams(text);
  const payload = fields.get("payload");
  if (payload !== null) return parse(payload);
  const names = [...new Set(fields.keys())];
  return Object.fromEntries(names.map((name) => {
    const values = fields.getAll(name);
    return [name, values.length === 1 ? values[0] ?? "" : values];
  }));
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError("BAD_REQUEST", "Cannot read the delivery as JSON: it is none", {
      fix: "Send JSON, or another content type",
      cause,
    });
  }
}

function decode(body: Uint8Array): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw unsupported("it is no text in UTF-8");
  }
}

function unsupported(state: string): CodedError {
  return new CodedError(
    "UNSUPPORTED_MEDIA_TYPE",
    `Cannot read the delivery as JSON, form or text: ${state}`,
    { fix: "Content-Type: application/json" },
  );
}

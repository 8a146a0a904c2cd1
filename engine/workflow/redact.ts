import type { JsonValue } from "../json/mod.ts";

/** Takes secrets out of what is about to be seen. Values without a secret come back as they are. */
export interface Redact {
  text(text: string): string;
  value(value: JsonValue): JsonValue;
}

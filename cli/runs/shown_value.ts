import { createSecretReferences } from "../../engine/context/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";

const NO_SECRETS = createSecretReferences({});

/** A stored value as it may be seen: `***` for each reference to a secret. */
export function shownValue(stored: JsonValue): JsonValue {
  return NO_SECRETS.restore(stored).value;
}

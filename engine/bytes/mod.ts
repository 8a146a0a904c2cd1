/** Bytes of UTF-8, cut where characters end. */
export { characterEnd, characterStart } from "./characters.ts";
export { joinBytes } from "./join_bytes.ts";

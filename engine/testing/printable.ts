/** Text that steers no terminal: control characters other than tab and line break are written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(
    /(?![\t\n])\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Why no answer came from an API server, from what a request was refused with. */
export function whyUnreachable(cause: unknown): string {
  const texts: string[] = [];
  for (let at = cause; at !== undefined && texts.length < 4;) {
    texts.push(at instanceof Error ? at.message : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  const text = texts.join(": ");
  if (/certificate|UnknownIssuer/i.test(text)) {
    return `its certificate is not trusted: ${texts.at(-1)}`;
  }
  if (/dns|lookup|name or service not known/i.test(text)) return "its host is not known";
  if (/refused/i.test(text)) return "nobody answers there: connection refused";
  if (/timed out|TimeoutError/i.test(text)) return "nobody answers there in time";
  if (/close_notify|unexpected.eof|reset by peer/i.test(text)) return "it closed the connection";
  return `the connection broke: ${texts.at(-1)}`;
}

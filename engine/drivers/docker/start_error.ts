/**
 * 127 or 126 when the runtime says that the program itself cannot be executed, as a shell would end; undefined
 * when it complains about something else, such as a user or a folder.
 */
export function codeOfStartError(message: string): 126 | 127 | undefined {
  const said = /exec(?:: "| \/)(.*)/is.exec(message)?.[1];
  if (said === undefined) return undefined;
  if (/executable file not found|no such file or directory/i.test(said)) return 127;
  if (/permission denied|is a directory|exec format error/i.test(said)) return 126;
  return undefined;
}

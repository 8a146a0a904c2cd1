/** Podman's init process ends with 1 for all of them, and with this line alone. */
const INIT_COMPLAINT = /^ERROR \(catatonit:\d+\): failed to exec pid1: (.*)\n$/;

/**
 * 127 or 126 when the runtime says that the program itself cannot be executed, as a shell would end; undefined
 * when it complains about something else, such as a user or a folder.
 */
export function codeOfStartError(message: string): 126 | 127 | undefined {
  const said = /exec(?:: "| \/)(.*)/is.exec(message)?.[1];
  return said === undefined ? undefined : codeOf(said);
}

/** The same, from all that an init process has written before it ended with 1. */
export function codeOfInit(message: string): 126 | 127 | undefined {
  const said = INIT_COMPLAINT.exec(message)?.[1];
  return said === undefined ? undefined : codeOf(said);
}

function codeOf(said: string): 126 | 127 | undefined {
  if (/executable file not found|no such file or directory/i.test(said)) return 127;
  if (/permission denied|is a directory|exec format error/i.test(said)) return 126;
  return undefined;
}

/** 127 or 126 when the runtime says that the program itself cannot be executed, as `docker run` has it. */
export function codeOfStartError(message: string): 126 | 127 | undefined {
  if (/executable file not found|exec.*no such file or directory/i.test(message)) return 127;
  if (/exec.*(permission denied|is a directory|exec format error)/i.test(message)) return 126;
  return undefined;
}

import { DriverError } from "../driver_error.ts";

/** What a shell in a container is told to run. */
export interface Launch {
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Absolute; made when it is not there. */
  readonly workDir: string | undefined;
  /** What the command's processes are found by: a variable of theirs. */
  readonly mark: string;
  /** What both streams end with, followed by the exit code and `;`. */
  readonly ending: string;
}

/**
 * Reads one line and does what that says. The line goes over stdin, as everything in the address of a request
 * is logged by clusters, and is limited in length.
 */
export const LAUNCHER: readonly string[] = ["sh", "-c", 'IFS= read -r pd && eval "$pd"'];

/**
 * The line for that. The shell itself stays, and tells the end of the command on both streams: what is sent
 * over a connection whose command has ended may otherwise block its end for good. Words never become shell
 * syntax, and `exec` in a subshell is a program always, never a builtin.
 */
export function launchLine({ command, env, workDir, mark, ending }: Launch): string {
  const exports = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw new DriverError(
        "TASK_INVALID",
        `Cannot set variable "${name}" as names have letters, digits and "_"`,
      );
    }
    return `export ${name}=${quote(value)}; `;
  });
  const dir = workDir === undefined ? "" : quote(workDir);
  const enter = workDir === undefined
    ? ""
    : `{ [ -d ${dir} ] || mkdir -p ${dir}; } && cd ${dir} || exit 126; `;
  const words = command.map(quote).join(" ");
  return [
    `nl=$(printf '\\nx'); nl=\${nl%x}; `,
    `(${enter}${exports.join("")}export PD_EXEC=${quote(mark)}; exec ${words}); `,
    `rc=$?; printf %s ${quote(ending)}$rc\\;; printf %s ${quote(ending)}$rc\\; >&2; exit $rc\n`,
  ].join("");
}

/** One word, without a line break in it. */
function quote(word: string): string {
  if (word.includes("\0")) {
    throw new DriverError("TASK_INVALID", "Cannot run a command as a word has a zero byte in it");
  }
  return `'${word.replaceAll("'", `'\\''`).replaceAll("\n", `'"$nl"'`)}'`;
}

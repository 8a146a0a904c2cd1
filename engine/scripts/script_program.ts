/** What a program is made for. */
export interface ScriptProgramOptions {
  /** Where every entry starts. */
  readonly cwd: string;
  /** Whether an entry that fails lets the next one run. */
  readonly keepsGoing: boolean;
  /** Variables that are not there for the script. */
  readonly unset: readonly string[];
}

/**
 * The entries of a script as one program of bash. Each is evaluated at the top level of one shell, so that
 * functions and variables carry over. An entry that calls `exit` ends its shell: what that knew is handed to the
 * one that takes its place (same process, `exec`) and goes on with the next entry. The program exits with the code
 * of the entry that failed last, 0 when none did.
 *
 * All of it is one line, as bash counts the lines of its messages from there.
 */
export function scriptProgram(
  entries: readonly string[],
  { cwd, keepsGoing, unset }: ScriptProgramOptions,
): string {
  const last = entries.length - 1;
  const parts = [
    // What the shell before this one knew, if there was one; what is read-only is what it was.
    'if [[ $# -gt 0 ]]; then . "$1" 2>/dev/null; eval "exec ${1##*/}<&-"; set --; ' +
    `else __pd_at=0 __pd_code=0 __pd_rc=0 __pd_set= __pd_trap= __pd_stop=; ${unsetting(unset)}fi`,
    // The shell's own options are the script's, not those of what is around it.
    "__pd_keep() { __pd_set=${-//[^eux]/}; set +eux; }",
    "__pd_fail() { __pd_code=$__pd_rc" + (keepsGoing ? "" : "; exit $__pd_rc") + "; }",
    TRAP_FUNCTION,
    exitFunction(last, keepsGoing),
    "builtin trap '{ __pd_rc=$?; __pd_keep; } 2>/dev/null; __pd_exit' EXIT",
    "builtin trap '__pd_stop=1; exit 130' INT",
    ...entries.map((entry, index) => runEntry(index, entry, cwd)),
    "exit $__pd_code",
  ];
  return parts.join("; ");
}

/** A trap on EXIT is kept for the end of the shell as the script sees it. */
const TRAP_FUNCTION = "trap() { " +
  'if [[ $# -eq 1 && $1 != -* ]]; then set -- - "$1"; fi; ' +
  'if [[ $BASH_SUBSHELL -gt 0 || $# -lt 2 || $1 == -[lp]* ]]; then builtin trap "$@"; return; fi; ' +
  "if [[ $1 == -- ]]; then shift; fi; " +
  "local __pd_do=$1 __pd_on; local -a __pd_others=(); shift; " +
  "for __pd_on; do case $__pd_on in " +
  "EXIT | SIGEXIT | exit | 0) if [[ $__pd_do == - ]]; then __pd_trap=; else __pd_trap=$__pd_do; fi ;; " +
  '*) __pd_others+=("$__pd_on") ;; esac; done; ' +
  'if [[ ${#__pd_others[@]} -gt 0 ]]; then builtin trap -- "$__pd_do" "${__pd_others[@]}"; fi; }';

/** What happens when the shell ends: it goes on with the next entry, or that was all. */
function exitFunction(last: number, keepsGoing: boolean): string {
  const isOver = `-n $__pd_stop || $__pd_at -ge ${last}` +
    (keepsGoing ? "" : " || $__pd_rc -ne 0");
  return "__pd_exit() { " +
    `if [[ ${isOver} ]]; then if [[ $__pd_rc -eq 0 ]]; then __pd_rc=$__pd_code; fi; ` +
    'if [[ -n $__pd_trap ]]; then (exit $__pd_rc); eval "$__pd_trap"; fi; exit $__pd_rc; fi; ' +
    'if [[ -n $__pd_trap ]]; then (builtin trap - EXIT; (exit $__pd_rc); eval "$__pd_trap"); __pd_trap=; fi; ' +
    "if [[ $__pd_rc -ne 0 ]]; then __pd_code=$__pd_rc; fi; __pd_at=$((__pd_at + 1)); " +
    'exec "$BASH" -c "$BASH_EXECUTION_STRING" bash ' +
    "<(declare -p; declare -f; alias -p; set +o; shopt -p); }";
}

function runEntry(index: number, entry: string, cwd: string): string {
  return `if [[ $__pd_at -le ${index} ]]; then __pd_at=${index}; ` +
    `builtin cd -- ${quoted(cwd)} || exit 1; ` +
    // On the line of the entry, so that the script is traced and nothing around it is.
    `eval ${quoted(`${SET_OPTIONS}; ${entry}\n`)}; ` +
    "{ __pd_rc=$?; __pd_keep; } 2>/dev/null; " +
    "if [[ $__pd_rc -ne 0 ]]; then __pd_fail; fi; fi";
}

const SET_OPTIONS = "{ [[ -z $__pd_set ]] || set -$__pd_set; } 2>/dev/null";

function unsetting(names: readonly string[]): string {
  return names.length === 0 ? "" : `unset ${names.join(" ")}; `;
}

/** One word of bash, without a line break in it. */
function quoted(text: string): string {
  const escaped = text.replaceAll(/[\\'\n\r]/g, (char) => ESCAPES[char] ?? char);
  return `$'${escaped}'`;
}

const ESCAPES: { readonly [char: string]: string } = {
  "\\": "\\\\",
  "'": "\\'",
  "\n": "\\n",
  "\r": "\\r",
};

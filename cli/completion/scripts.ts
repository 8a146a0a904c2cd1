import { script } from "@bomb.sh/tab";

/** Shells that completions exist for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of the shells. */
export type Shell = typeof SHELLS[number];

/** The script that a shell sources: on Tab it asks `pd complete -- WORDS…`. */
export function completionScript(shell: Shell): string {
  return shell === "bash" ? BASH : captured(() => script(shell, "pd", "pd"));
}

/**
 * Our own for bash: it needs no bash-completion package, and what was typed or found is never
 * evaluated, so that Tab on `pd run $(…)` runs nothing.
 */
const BASH = `# bash completion for pd
_pd_complete() {
  local -a words=()
  local word line i
  # bash splits words at "=": put --flag=value together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#words[@]} > 0)) && [[ $word == "=" || \${COMP_WORDS[i - 1]} == "=" ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] && continue
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(pd complete -- "\${words[@]}" 2>/dev/null)
  if ((\${#COMPREPLY[@]} == 1)) && [[ \${COMPREPLY[0]} == */ ]]; then
    compopt -o nospace
  fi
}
complete -F _pd_complete pd
`;

/** What a function prints through the console: the package knows no other way to hand over its text. */
export function captured(print: () => void): string {
  const console = globalThis.console;
  const log = console.log;
  const lines: string[] = [];
  console.log = (...parts: unknown[]) => void lines.push(parts.map(String).join(" "));
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join("");
}

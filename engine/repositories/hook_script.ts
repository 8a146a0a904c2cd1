/** Whom a hook calls. */
export interface HookScriptOptions {
  readonly repository: string;
  /** Without a final slash. */
  readonly server: string;
  /** File with a token, unless PD_TOKEN_FILE or PD_TOKEN say otherwise. */
  readonly tokenFile: string;
}

/**
 * A `post-receive` hook of git, for any POSIX shell: it tells a server of each branch and tag that was pushed. The
 * token is neither in the script nor in the arguments of a program.
 */
export function hookScript({ repository, server, tokenFile }: HookScriptOptions): string {
  return `#!/bin/sh
# Runs the commits that are pushed: hooks/post-receive of the git repository, executable.
# The token (pd token create --scope run --workflow repo:${repository} --workflow 'repo:${repository}:*') is in $PD_TOKEN,
# or in the file $PD_TOKEN_FILE, which only the owner of this repository may read.
url=${quoted(`${server}/repos/${repository}/pipelines/run`)}
file="\${PD_TOKEN_FILE:-${tokenFile.replace(/["$`\\]/g, "\\$&")}}"
token="\${PD_TOKEN:-$(cat "$file")}"
while read -r _ commit ref; do
  case "$commit" in *[!0]*) ;; *) continue ;; esac
  case "$ref" in refs/heads/* | refs/tags/*) ;; *) continue ;; esac
  name=$(printf '%s' "$ref" | sed 's/"/\\\\"/g')
  printf 'header = "Authorization: Bearer %s"\\n' "$token" |
    curl --silent --show-error --max-time 300 --config - --request POST \\
      --header 'Content-Type: application/json' \\
      --data "{\\"commit\\": \\"$commit\\", \\"ref\\": \\"$name\\"}" \\
      --write-out '\\n' "$url" |
    sed 's/^/pd: /'
done
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Unpacks an image that a builder has saved, every layer of it, and says which files hold `text` and all paths. */
export async function searchImage(
  saved: string,
  text: string,
): Promise<{ readonly found: string; readonly paths: string }> {
  const unpack = 'cd "$1" && tar -xf image.tar && rm image.tar && ' +
    "find . -type f | while read -r file; do " +
    'if tar -tf "$file" >/dev/null 2>&1; then mkdir -p "$file.d" && tar -xf "$file" -C "$file.d"; fi; done';
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", unpack, "sh", saved] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { stdout } = await new Deno.Command("grep", { args: ["-rla", text, saved] }).output();
  const names = await new Deno.Command("find", { args: [saved] }).output();
  const decoder = new TextDecoder();
  return { found: decoder.decode(stdout), paths: decoder.decode(names.stdout) };
}

/** Global flags that take a value: the word after them is not the verb. */
export const GLOBAL_VALUE_FLAGS: readonly string[] = [
  "-n",
  "--namespace",
  "-r",
  "--registry",
  "-o",
  "--output",
];

/** The global flags as root help lists them. */
export const GLOBAL_FLAGS: readonly (readonly [flags: string, description: string])[] = [
  ["-n, --namespace <name>", "Kubernetes namespace"],
  ["-r, --registry <url>", "container registry"],
  ["-o, --output <format>", "text, or json for one JSON document on stdout"],
  ["-q, --quiet", "print the result and errors only"],
  ["-v, --verbose", "say more; errors come with their stack"],
  ["--no-color", "no colours (NO_COLOR does the same)"],
];

/** Paints text, or returns it as it is when colour is off. */
export interface Colors {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const PLAIN: Colors = {
  bold: String,
  dim: String,
  red: String,
  green: String,
  yellow: String,
  cyan: String,
};

/** Colours for one stream. The package is loaded only when it has something to paint. */
export async function loadColors(isEnabled: boolean): Promise<Colors> {
  if (!isEnabled) return PLAIN;
  const { default: picocolors } = await import("picocolors");
  return picocolors.createColors(true);
}

/** Is colour wanted on a stream? `NO_COLOR` and `--no-color` win over `FORCE_COLOR`. */
export function wantsColor(
  { flag, isTerminal, env }: {
    readonly flag: boolean;
    readonly isTerminal: boolean;
    env(name: string): string | undefined;
  },
): boolean {
  if (!flag || (env("NO_COLOR") ?? "") !== "") return false;
  const forced = env("FORCE_COLOR") ?? "";
  if (forced !== "" && forced !== "0") return true;
  return isTerminal && env("TERM") !== "dumb";
}

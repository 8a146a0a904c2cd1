import type { GlobalFlags } from "./global_flags.ts";
import type { Prepared } from "./prepared.ts";
import type { Output } from "./terminal/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** What a command's action works with. */
export interface Cli {
  readonly io: Io;
  /** Known once the flags are read, so inside actions only. */
  readonly flags: GlobalFlags;
  /** The one way to print. Known once the flags are read. */
  readonly out: Output;
  /** What `prepare` of the command's definition found out before the flags were read. */
  readonly prepared: Prepared | undefined;
  /** What the process will exit with: 0 unless an action says otherwise. */
  exitCode: number;
  /** An absolute path for one that the user typed. */
  resolve(path: string): string;
}

import type { PdError } from "../engine/errors/mod.ts";
import type { OpenTarget, TargetPlace } from "./open_target.ts";

/** What a command found out before its flags were parsed. Disposing it closes what it opened. */
export interface Prepared extends AsyncDisposable {
  /** The words that are pd's to parse. */
  readonly words: readonly string[];
  /** What the target is, when it is no path. */
  readonly found: FoundTarget | undefined;
  /** The target, open already. */
  readonly headStart: OpenTarget | undefined;
}

/** What stands behind the name of a target. */
export type FoundTarget =
  | {
    readonly kind: "pipeline";
    readonly place: TargetPlace;
    /** The program's arguments, verbatim. */
    readonly args: readonly string[];
    /** What is worth telling whoever runs it. */
    readonly warnings: readonly string[];
  }
  | { readonly kind: "workflow"; readonly place: TargetPlace; readonly warnings: readonly string[] }
  | { readonly kind: "missing"; readonly error: PdError };

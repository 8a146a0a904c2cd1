import { CodedError } from "../errors/mod.ts";

/** The error for an archive that leaves its folder, or is damaged. */
export function archiveInvalid(what: string, rule: string, cause?: unknown): CodedError {
  return new CodedError("ARCHIVE_INVALID", `Cannot unpack ${what} as ${rule}`, {
    fix: "Pack it again, with relative names below the folder: tar -C <folder> -cf <archive> .",
    ...(cause === undefined ? {} : { cause }),
  });
}

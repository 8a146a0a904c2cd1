// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";

/** `--storage`, which every command over runs takes. */
export function storageOption(): Option<"--storage <url>"> {
  return new Option(
    "--storage <url>",
    "where runs are kept: sqlite:///path, postgres://… (the user's own by default)",
  );
}

// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";

/** `--storage`, which every command over stored pipelines takes. */
export function storageOption(): Option<"--storage <url>"> {
  return new Option(
    "--storage <url>",
    "where they are kept: sqlite:///path, postgres://… (the user's own by default)",
  );
}

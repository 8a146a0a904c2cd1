// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";

/** `--data`, the folder of the server's own files. */
export function dataOption(): Option<"--data <folder>", undefined, ".pd"> {
  return new Option("--data <folder>", "the server's own files").default(".pd" as const);
}

/** `--storage`, in place of that of `--data`. */
export function storageOption(): Option<"--storage <url>"> {
  return new Option("--storage <url>", "where the server keeps runs: sqlite:///path, postgres://…");
}

/** `--server`, in place of a storage. */
export function serverOption(): Option<"--server <url>"> {
  return new Option("--server <url>", "ask the pd serve at this address; PD_TOKEN is its token");
}

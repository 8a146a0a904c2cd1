// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";

/** `--storage`, which every command over runs takes. */
export function storageOption(): Option<"--storage <url>"> {
  return new Option(
    "--storage <url>",
    "where runs are kept: sqlite:///path, postgres://… (the user's own by default)",
  );
}

/** `--driver`, for commands that run something. */
export function driverOption(): Option<"--driver <address>"> {
  return new Option("--driver <address>", "where containers run: native, docker, podman, k8s://…");
}

/** `--secret`, for commands that run something. */
export function secretOption(): Option<
  "-e, --secret <key=value>",
  undefined,
  undefined,
  readonly string[]
> {
  return new Option(
    "-e, --secret <key=value>",
    "a secret: K=V, K=@file, or K as it is in the environment (repeatable)",
  ).argParser((value: string, all: readonly string[] | undefined) => [...(all ?? []), value]);
}

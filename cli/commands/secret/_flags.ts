// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";

/** `--secrets`, which says where they are kept. */
export function secretsOption(): Option<"--secrets <address>"> {
  return new Option(
    "--secrets <address>",
    "where they are kept: local://path?key_file=path; the key is PD_SECRETS_KEY by default",
  );
}

/** `--pipeline`, which says for whom. */
export function pipelineOption(): Option<"--pipeline <pipeline>"> {
  return new Option("--pipeline <pipeline>", "for this pipeline or workflow alone");
}

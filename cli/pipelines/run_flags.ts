import { GLOBAL_VALUE_FLAGS } from "../global_flag_list.ts";
import { type FlagKinds, PIPELINE_FLAGS } from "./split_words.ts";

/** Every flag of `pd run`, for those who must find the target before the argument parser is there. */
export const RUN_FLAGS: FlagKinds = {
  ...PIPELINE_FLAGS,
  "--input": "value",
  "--set": "value",
  "-i": "value",
  "--replay": "switch",
  "--otel": "switch",
  "--record": "switch",
  "--deployed": "switch",
  "--server": "value",
  "--token": "value",
  "--via": "value",
  "--context": "value",
  "--kubeconfig": "value",
  "--help": "switch",
  "-h": "switch",
  ...Object.fromEntries(GLOBAL_VALUE_FLAGS.map((flag) => [flag, "value" as const])),
  "--quiet": "switch",
  "-q": "switch",
  "--verbose": "switch",
  "-v": "switch",
  "--no-color": "switch",
};

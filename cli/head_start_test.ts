import assert from "node:assert/strict";
import { guess } from "./head_start.ts";
import { plainRequest } from "./target_request.ts";

const CASES: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly want: { readonly replay: boolean } | undefined;
}[] = [
  { name: "a target alone", args: ["."], want: { replay: false } },
  {
    name: "a target with inputs",
    args: [".", "--topic", "x", "-o", "json"],
    want: { replay: false },
  },
  { name: "--replay", args: [".", "--replay"], want: { replay: true } },
  { name: "no target", args: [], want: undefined },
  { name: "a flag for a target", args: ["--topic", "x"], want: undefined },
  { name: "--secrets", args: [".", "--secrets", "x"], want: undefined },
  { name: "--secrets=", args: [".", "--secrets=x"], want: undefined },
  { name: "--storage", args: [".", "--storage", "memory:"], want: undefined },
  {
    name: "PD_STORAGE",
    args: ["."],
    env: { PD_STORAGE: "memory:" },
    want: { replay: false },
  },
  { name: "--record", args: [".", "--record"], want: undefined },
  { name: "--help", args: [".", "--help"], want: undefined },
  { name: "PD_DRIVER", args: ["."], env: { PD_DRIVER: "native" }, want: { replay: false } },
  { name: "--driver", args: [".", "--driver", "native"], want: undefined },
  { name: "-e", args: [".", "-e", "K=V"], want: undefined },
  { name: "-eK=V", args: [".", "-eK=V"], want: undefined },
  { name: "--no-workdir", args: [".", "--no-workdir"], want: undefined },
  { name: "PD_NO_WORKDIR", args: ["."], env: { PD_NO_WORKDIR: "1" }, want: undefined },
  { name: "PD_SECRETS", args: ["."], env: { PD_SECRETS: "x" }, want: undefined },
];

for (const { name, args, env = {}, want } of CASES) {
  Deno.test(`guess() of ${name} is ${want === undefined ? "left to the parser" : "a request"}`, () => {
    const request = guess(args, { env: (variable) => env[variable] });
    assert.deepEqual(
      request,
      want &&
        {
          ...plainRequest(args[0] ?? ""),
          storage: env["PD_STORAGE"],
          driver: env["PD_DRIVER"],
          ...want,
        },
    );
  });
}

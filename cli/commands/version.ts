import type { CommandDefinition } from "../command.ts";
import { VERSION } from "../version.ts";

/** `pd version` */
export const definition: CommandDefinition = {
  name: "version",
  summary: "Print the versions of pd and its parts",
  examples: [
    { run: "pd version", does: "one line" },
    { run: "pd version -o json", does: "each part on its own" },
  ],
  build: (command, cli) =>
    command.action(() => {
      const { deno, v8, typescript } = Deno.version;
      cli.out.result(
        `pd ${VERSION} (deno ${deno}, v8 ${v8}, typescript ${typescript})`,
        { engine: VERSION, deno, v8, typescript },
      );
    }),
};

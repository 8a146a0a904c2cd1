// @ts-types="@commander-js/extra-typings"
import { type CommandUnknownOpts, Option } from "commander";
import type { CommandDefinition } from "../command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** `pd alias` */
export const definition: CommandDefinition = {
  name: "alias",
  summary: "Print shell functions that run pipelines by their bare name",
  examples: [
    { run: `eval "$(pd alias k6)"`, does: "in ~/.bashrc or ~/.zshrc: k6 is pd run k6" },
    { run: "pd alias k6 terraform --shell fish | source", does: "in ~/.config/fish/config.fish" },
  ],
  build: (command, cli) =>
    command
      .usage("<pipeline...> [flags]")
      .description(
        "Print a shell function for each pipeline, so that its name alone runs it. All that follows is the program's own.",
      )
      .argument("<pipeline...>", "names")
      .addOption(new Option("--shell <shell>", "the one of $SHELL by default").choices(SHELLS))
      .action(async (names, options) => {
        const { aliasScript } = await import("../alias_script.ts");
        const shell = options.shell ??
          SHELLS.find((one) => cli.io.env("SHELL")?.endsWith(`/${one}`)) ?? "bash";
        const script = aliasScript(names, shell);
        cli.out.result(script, { shell, names: [...names], script });
      }) as CommandUnknownOpts,
};

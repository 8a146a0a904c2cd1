// @ts-types="@commander-js/extra-typings"
import { Argument, type CommandUnknownOpts } from "commander";
import type { CommandDefinition } from "../command.ts";

/** `pd completions` */
export const definition: CommandDefinition = {
  name: "completions",
  summary: "Print shell completions",
  examples: [
    { run: `eval "$(pd completions bash)"`, does: "in ~/.bashrc" },
    { run: "source <(pd completions zsh)", does: "in ~/.zshrc, after compinit" },
    { run: "pd completions fish > ~/.config/fish/completions/pd.fish", does: "once" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Print a script that completes commands, flags, folders, nodes and inputs. The shell must find pd on PATH.",
      )
      .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"] as const))
      .action(async (shell) => {
        const { completionScript } = await import("../completion/mod.ts");
        const script = completionScript(shell);
        cli.out.result(script, { shell, script });
      }) as CommandUnknownOpts,
};

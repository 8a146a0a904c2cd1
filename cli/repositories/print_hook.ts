import { hookScript } from "../../engine/repositories/mod.ts";
import type { Cli } from "../cli.ts";
import { UsageError } from "../usage_error.ts";
import type { DeskFlags } from "./desk.ts";
import { openDesk } from "./open_desk.ts";

/** `pd repo hook`: prints the script, for a repository that is there. */
export async function printHook(
  cli: Cli,
  { name, tokenFile, to }: {
    readonly name: string;
    readonly tokenFile: string;
    /** Address of the server that the hook calls. */
    readonly to: string;
  },
  flags: DeskFlags,
): Promise<void> {
  const url = URL.parse(to);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "") {
    throw new UsageError(
      `Cannot call "${to}" as a server: it is no http(s) address without a user`,
      "--call http://127.0.0.1:9009",
    );
  }
  await using desk = await openDesk(cli, flags);
  await desk.show(name);
  const server = url.href.replace(/\/+$/, "");
  const script = hookScript({ repository: name, server, tokenFile });
  cli.out.result(script, { repository: name, script });
}

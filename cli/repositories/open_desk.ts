import { systemClock } from "../../engine/clock/mod.ts";
import { openStorage } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { keepOutOfGit, ownStorage } from "../own_data.ts";
import { UsageError } from "../usage_error.ts";
import type { Desk, DeskFlags } from "./desk.ts";
import { localDesk } from "./local_desk.ts";
import { remoteDesk } from "./remote_desk.ts";

/** Opens the storage of a server's data folder, or calls the server. */
export async function openDesk(cli: Cli, flags: DeskFlags): Promise<Desk> {
  const { io } = cli;
  const { server } = flags;
  if (server !== undefined) {
    const token = flags.token ?? io.env("PD_TOKEN");
    if (token === undefined || token === "") {
      throw new UsageError(
        "Cannot call a server as its callers need a token: there is none",
        "PD_TOKEN=$(pd token create) pd repo …",
      );
    }
    return await remoteDesk({ server, token });
  }
  const data = cli.resolve(flags.data);
  if (flags.storage === undefined) {
    await Deno.mkdir(data, { recursive: true });
    await keepOutOfGit(data);
  }
  return localDesk(
    await openStorage(flags.storage ?? ownStorage(data), {
      clock: systemClock,
      env: io.env,
      cwd: io.cwd,
    }),
  );
}

import { join, resolve } from "node:path";
import { cacheDir } from "../../engine/cache/mod.ts";
import type { EventLog } from "../../engine/observability/mod.ts";
import type { OpenRegistry } from "../../engine/registry/mod.ts";
import { openRepositories, type Repositories } from "../../engine/repositories/mod.ts";
import { scriptEnvironment } from "./script_environment.ts";

/** Opens the repositories of a server: `RUNNER_CONTAINER_ENGINE` and `RUNNER_WORKDIR` say where their commits run. */
export async function openServedRepositories(
  registry: OpenRegistry,
  { data, cwd, environment, log }: {
    /** The server's own folder. */
    readonly data: string;
    readonly cwd: string;
    readonly environment: { readonly [name: string]: string };
    readonly log: EventLog;
  },
): Promise<Repositories> {
  const workdir = environment["RUNNER_WORKDIR"];
  const driver = environment["RUNNER_CONTAINER_ENGINE"];
  const env = (name: string) => environment[name];
  return await openRepositories({
    registry,
    dir: workdir ? resolve(cwd, workdir) : join(data, "repositories"),
    driver: driver === "" ? undefined : driver,
    env,
    settings: {
      cacheDir: cacheDir(env),
      scripts: { cwd, env: scriptEnvironment(environment) },
    },
    log: (level, message, fields) => log.line(level, message, fields),
  });
}

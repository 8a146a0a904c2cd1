import { systemClock } from "../../engine/clock/mod.ts";
import type { Driver, OpenDriverOptions } from "../../engine/drivers/mod.ts";
import { currentOwner } from "../../engine/storage/mod.ts";

/** Where steps are measured. */
export interface ContainerPlace {
  /** DSN of the daemon. */
  readonly address: string;
  readonly dataDir: string;
  /** Runs Docker's own command line on the same daemon; rejects when it fails. */
  readonly docker: RawDocker;
  readonly driver: Driver;
  readonly image: string;
}

/** Docker's own command line: one call, or the middle of a shell's pipe (`$@` stands for it). */
export interface RawDocker {
  run(...args: string[]): Promise<void>;
  /** Runs a line of `sh` in which `docker` is it, on the same daemon. */
  shell(script: string): Promise<void>;
}

/** Where Debian installs it, beside the daemon of the same version; else the first on PATH. */
const DEBIAN_DOCKER = "/usr/bin/docker";

/** The command line of the daemon at `socket`. */
export async function rawDocker(socket: string): Promise<RawDocker> {
  const hasDebians = await Deno.stat(DEBIAN_DOCKER).then(() => true, () => false);
  const docker = hasDebians ? DEBIAN_DOCKER : "docker";
  const host = `unix://${socket}`;
  return {
    run: (...args) => run(docker, ["-H", host, ...args]),
    shell: (script) => run("sh", ["-ec", `docker() { ${docker} -H ${host} "$@"; }\n${script}`]),
  };
}

/** How a driver is opened for a benchmark. */
export function driverOptions(dataDir: string): OpenDriverOptions {
  return {
    clock: systemClock,
    owner: currentOwner(),
    env: (name) => Deno.env.get(name),
    cwd: dataDir,
    dataDir,
    onWarning() {},
  };
}

async function run(program: string, args: string[]): Promise<void> {
  const command = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

import { ensurePackage, type PackageState } from "./packages.ts";
import { untilGone } from "./_processes.ts";
import { type ServerProcess, startServerProcess } from "./_server_process.ts";

/** An image with a shell and the usual programs, users `root` and `app` (1000). */
export const BUSYBOX = "pd-test/busybox:1";
/** An image that holds one program, `/bin/busybox`, and no shell. */
export const SHELL_LESS = "pd-test/shell-less:1";

const LIMIT_MS = 20_000;

/** What goes into an image. */
export interface ImageOptions {
  /** Path below the root → text of the file, mode 0755. */
  readonly files?: { readonly [path: string]: string };
  /** As in a Dockerfile: `ENTRYPOINT ["/bin/echo"]`, `ENV A=1`. */
  readonly changes?: readonly string[];
  /** Leaves busybox under its own name alone, so that there is no `sh`. */
  readonly hasShell?: boolean;
}

/**
 * A Docker daemon of one suite: a socket, a data folder and images of its own, no network, and nothing left at
 * the end. Needs root, as Docker does.
 *
 * ```ts
 * const docker = await DockerServer.find();
 * Deno.test({
 *   name: "a step runs in a container",
 *   ignore: docker.status === "missing",
 *   async fn() {
 *     await using server = await DockerServer.start();
 *     await server.docker("run", "--rm", BUSYBOX, "true");
 *   },
 * });
 * ```
 */
export class DockerServer implements AsyncDisposable {
  readonly folder: string;
  /** Of its API. */
  readonly socket: string;
  #process: ServerProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.socket = `${folder}/docker.sock`;
  }

  /** Whether a daemon can be had here; installs Debian's packages when it may. */
  static async find(): Promise<PackageState> {
    const daemon = await ensurePackage("dockerd", "docker.io");
    if (daemon.status === "missing") return daemon;
    if (Deno.uid() !== 0) {
      const reason = "skipped: dockerd (Debian package docker.io) needs root";
      await Deno.stderr.write(new TextEncoder().encode(`${reason}\n`));
      return { status: "missing", reason };
    }
    const busybox = await ensurePackage("busybox", "busybox-static");
    return busybox.status === "missing" ? busybox : daemon;
  }

  /** Starts a daemon that has the images `BUSYBOX` and `SHELL_LESS`. */
  static async start(): Promise<DockerServer> {
    const server = new DockerServer(await Deno.makeTempDir({ prefix: "pd_docker_" }));
    try {
      await server.start();
      await server.buildImage(BUSYBOX);
      await server.buildImage(SHELL_LESS, { hasShell: false });
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** As a driver's DSN. */
  get address(): string {
    return `docker://${this.socket}`;
  }

  /** Of the daemon itself. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it again, after `stop`. */
  async start(): Promise<void> {
    const { folder } = this;
    this.#process = await startServerProcess({
      command: "dockerd",
      args: [
        ...["-H", `unix://${this.socket}`, "--pidfile", `${folder}/pid`],
        ...["--data-root", `${folder}/data`, "--exec-root", `${folder}/exec`],
        ...["--iptables=false", "--ip6tables=false", "--bridge=none"],
      ],
      logFile: `${folder}/log`,
      isReady: () => this.#answers(),
    });
  }

  /** Ends it in order; containers that run are stopped. */
  async stop(): Promise<void> {
    await this.#process?.end("SIGTERM");
  }

  /** Makes an image from nothing but busybox and what is asked. */
  async buildImage(name: string, options: ImageOptions = {}): Promise<void> {
    const root = await Deno.makeTempDir({ dir: this.folder, prefix: "image_" });
    try {
      await layOutBusybox(root, options);
      const changes = (options.changes ?? []).flatMap((change) => ["--change", change]);
      await must("sh", [
        "-c",
        'root="$1"; shift; tar -C "$root" -cf - . | "$@"',
        ...["sh", root, "docker", "-H", `unix://${this.socket}`],
        ...["import", ...changes, "-", name],
      ]);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  }

  /** Runs Docker's own command line on it; what that says, without the last line end. */
  async docker(...args: string[]): Promise<string> {
    return await must("docker", ["-H", `unix://${this.socket}`, ...args]);
  }

  /** Containers and volumes that are there, by name. */
  async left(): Promise<string[]> {
    const containers = await this.docker("ps", "--all", "--format", "{{.Names}}");
    const volumes = await this.docker("volume", "ls", "--format", "{{.Name}}");
    return `${containers}\n${volumes}`.split("\n").filter((name) => name !== "").sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (await this.#answers()) {
      const containers = await this.docker("ps", "--all", "--quiet");
      if (containers !== "") await this.docker("rm", "--force", "-v", ...containers.split("\n"));
    }
    await this.stop();
    await untilGone(await processesOf(this.folder), LIMIT_MS);
    for (const mount of await mountsBelow(this.folder)) await must("umount", ["--lazy", mount]);
    await Deno.remove(this.folder, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    try {
      using connection = await Deno.connect({ transport: "unix", path: this.socket });
      await connection.write(new TextEncoder().encode("GET /_ping HTTP/1.0\r\n\r\n"));
      const answer = new Uint8Array(64);
      const count = await connection.read(answer);
      return new TextDecoder().decode(answer.subarray(0, count ?? 0)).includes(" 200 ");
    } catch {
      return false;
    }
  }
}

/** Fills a folder with the file system of such an image. */
export async function layOutBusybox(
  root: string,
  { files = {}, hasShell = true }: ImageOptions = {},
): Promise<void> {
  const busybox = await must("sh", ["-c", "command -v busybox"]);
  for (const dir of ["bin", "etc", "tmp", "root", "srv/app", "var", "usr"]) {
    await Deno.mkdir(`${root}/${dir}`, { recursive: true });
  }
  await Deno.chmod(`${root}/tmp`, 0o1777);
  await Deno.chown(`${root}/srv/app`, 1000, 1000);
  await Deno.copyFile(busybox, `${root}/bin/busybox`);
  const users = ["root:x:0:0:root:/root:/bin/sh", "app:x:1000:1000:app:/srv/app:/bin/sh", ""];
  await Deno.writeTextFile(`${root}/etc/passwd`, users.join("\n"));
  await Deno.writeTextFile(`${root}/etc/group`, "root:x:0:\napp:x:1000:\n");
  const programs = hasShell ? (await must(busybox, ["--list"])).split("\n") : [];
  for (const program of programs) {
    if (program !== "busybox") await Deno.symlink("busybox", `${root}/bin/${program}`);
  }
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text, { mode: 0o755 });
  }
}

/** Pids of what was started with a path below that folder: its containerd and the keepers of containers. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (command.includes(`${folder}/`)) pids.push(Number(name));
  }
  return pids;
}

/** The innermost first. */
async function mountsBelow(folder: string): Promise<string[]> {
  const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n");
  return mounts.map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path === folder || path.startsWith(`${folder}/`)).reverse();
}

async function must(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trimEnd();
}

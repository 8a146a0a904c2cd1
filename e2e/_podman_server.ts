import { DEFAULT_BASE_IMAGE } from "../builder/mod.ts";
import { layOutBase } from "./_base_image.ts";
import { BUSYBOX, layOutBusybox, processesOf, SHELL_LESS } from "./_docker_server.ts";
import { untilGone } from "./_processes.ts";
import { ensurePackage, type PackageState } from "./packages.ts";
import { type ServerProcess, startServerProcess } from "./_server_process.ts";

const LIMIT_MS = 20_000;

/**
 * Podman and Buildah of one suite: storage, settings and passwords in a folder of its own, no network, and nothing
 * left at the end. Needs root, as this machine may have no ids for others.
 */
export class PodmanServer implements AsyncDisposable {
  readonly folder: string;
  /** Of its API. */
  readonly socket: string;
  /** What its programs are to be called with. */
  readonly env: { readonly [name: string]: string };
  #process: ServerProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.socket = `${folder}/podman.sock`;
    this.env = {
      HOME: `${folder}/home`,
      CONTAINERS_CONF: `${folder}/containers.conf`,
      CONTAINERS_STORAGE_CONF: `${folder}/storage.conf`,
      CONTAINERS_REGISTRIES_CONF: `${folder}/registries.conf`,
      REGISTRY_AUTH_FILE: `${folder}/auth.json`,
      XDG_RUNTIME_DIR: `${folder}/run`,
      TMPDIR: `${folder}/tmp`,
    };
  }

  /** Whether they can be had here; installs Debian's packages when it may. */
  static async find(): Promise<PackageState> {
    for (
      const [program, name] of [
        ["podman", "podman"],
        ["buildah", "buildah"],
        ["catatonit", "catatonit"],
        ["runc", "runc"],
        ["busybox", "busybox-static"],
      ] as const
    ) {
      const found = await ensurePackage(program, name);
      if (found.status === "missing") return found;
    }
    if (Deno.uid() === 0) return await ensurePackage("podman", "podman");
    const reason = "skipped: podman (Debian package podman) needs root here";
    await Deno.stderr.write(new TextEncoder().encode(`${reason}\n`));
    return { status: "missing", reason };
  }

  /** Without images, and without the service of its API. `insecure` registries are reached without TLS. */
  static async make(insecure: readonly string[] = []): Promise<PodmanServer> {
    const server = new PodmanServer(await Deno.makeTempDir({ prefix: "pd_podman_" }));
    const { folder } = server;
    for (const dir of ["home", "run", "tmp", "net"]) await Deno.mkdir(`${folder}/${dir}`);
    await Deno.writeTextFile(
      `${folder}/containers.conf`,
      `[containers]
netns = "none"
# Its own are above what this process may set.
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
init_path = "${await must("sh", ["-c", "command -v catatonit"])}"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "${folder}/tmp/libpod"
[network]
network_config_dir = "${folder}/net"
`,
    );
    await Deno.writeTextFile(
      `${folder}/storage.conf`,
      `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/runroot"\n`,
    );
    await Deno.writeTextFile(`${folder}/auth.json`, "{}");
    await Deno.writeTextFile(
      `${folder}/registries.conf`,
      insecure.map((at) => `[[registry]]\nlocation = "${at}"\ninsecure = true\n`).join(""),
    );
    return server;
  }

  /** With the images `BUSYBOX` and `SHELL_LESS`, and the service of its API. */
  static async start(): Promise<PodmanServer> {
    const server = await PodmanServer.make();
    try {
      await server.importImage(BUSYBOX, (root) => layOutBusybox(root));
      await server.importImage(SHELL_LESS, (root) => layOutBusybox(root, { hasShell: false }));
      await server.#serve();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** As a driver's DSN. */
  get address(): string {
    return `podman://${this.socket}`;
  }

  /** The stand-in for the pinned base image, under its real name. */
  async importBaseImage(): Promise<void> {
    const entry = ["ENV DENO_DIR=/deno-dir/", 'ENTRYPOINT ["/tini","--","/bin/deno"]'];
    await this.importImage(DEFAULT_BASE_IMAGE, layOutBase, [...entry, 'CMD ["eval","0"]']);
  }

  /** Makes an image of a folder. */
  async importImage(
    name: string,
    layOut: (root: string) => Promise<void>,
    changes: readonly string[] = [],
  ): Promise<void> {
    const root = await Deno.makeTempDir({ dir: this.folder, prefix: "image_" });
    try {
      await layOut(root);
      // It becomes the root of the image as it is.
      await Deno.chmod(root, 0o755);
      const args = ["import", ...changes.flatMap((change) => ["--change", change]), "-", name];
      const script = 'root="$1"; shift; tar -C "$root" -cf - . | "$@"';
      await must("sh", ["-c", script, "sh", root, "podman", ...args], this.env);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  }

  /** Runs Podman's own command line; what that says, without the last line end. */
  podman(...args: string[]): Promise<string> {
    return must("podman", args, this.env);
  }

  /** A program that is `name` with the suite's own storage, whatever environment it is called with. */
  async wrapper(name: "podman" | "buildah", as: string = name): Promise<string> {
    const dir = `${this.folder}/bin-${as}`;
    await Deno.mkdir(dir, { recursive: true });
    const set = Object.entries(this.env).map(([key, value]) => `${key}='${value}'`).join(" ");
    const program = await must("sh", ["-c", `command -v ${name}`]);
    const text = `#!/bin/sh\nexec env ${set} ${program} "$@"\n`;
    await Deno.writeTextFile(`${dir}/${as}`, text, { mode: 0o755 });
    return `${dir}/${as}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.podman("rm", "--all", "--force", "--time", "0");
    await this.#process?.end("SIGTERM");
    await this.podman("system", "reset", "--force").catch(() => {});
    // A keeper of a command in a container stays for five minutes after that has ended.
    const keepers = await processesOf(this.folder);
    for (const pid of keepers) Deno.kill(pid, "SIGKILL");
    await untilGone(keepers, LIMIT_MS);
    await Deno.remove(this.folder, { recursive: true });
  }

  async #serve(): Promise<void> {
    const set = Object.entries(this.env).map(([key, value]) => `${key}=${value}`);
    this.#process = await startServerProcess({
      command: "env",
      // Where a container runs out of memory, its monitor leaves a file "oom" in the folder it was started in.
      args: [
        "--chdir",
        this.folder,
        ...set,
        "podman",
        "system",
        "service",
        "--time",
        "0",
        `unix://${this.socket}`,
      ],
      logFile: `${this.folder}/log`,
      isReady: () => this.#answers(),
    });
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

async function must(
  command: string,
  args: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trimEnd();
}

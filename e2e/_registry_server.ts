import { ensurePackage, type PackageState } from "./packages.ts";
import { accepts, freePort, type ServerProcess, startServerProcess } from "./_server_process.ts";

/** Who may use a registry that asks for a password. */
export const ACCOUNT = { user: "ann", password: "a long password" } as const;

/** A registry of one suite, on a port of the loopback address and without TLS; nothing is left of it. */
export class RegistryServer implements AsyncDisposable {
  readonly host: string;
  readonly #folder: string;
  readonly #process: ServerProcess;

  private constructor(host: string, folder: string, process: ServerProcess) {
    this.host = host;
    this.#folder = folder;
    this.#process = process;
  }

  /** Whether it can be had here; installs Debian's packages when it may. */
  static async find(): Promise<PackageState> {
    const tool = await ensurePackage("htpasswd", "apache2-utils");
    return tool.status === "missing"
      ? tool
      : await ensurePackage("docker-registry", "docker-registry");
  }

  static async start({ isOpen }: { readonly isOpen: boolean }): Promise<RegistryServer> {
    const folder = await Deno.makeTempDir({ prefix: "pd_registry_" });
    const port = freePort();
    const host = `127.0.0.1:${port}`;
    const { stdout } = await new Deno.Command("htpasswd", {
      args: ["-Bbn", ACCOUNT.user, ACCOUNT.password],
    }).output();
    await Deno.writeFile(`${folder}/htpasswd`, stdout);
    const config = {
      version: "0.1",
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: `${folder}/data` } },
      http: { addr: host },
      ...isOpen ? {} : { auth: { htpasswd: { realm: "test", path: `${folder}/htpasswd` } } },
    };
    // JSON is YAML.
    await Deno.writeTextFile(`${folder}/config.yml`, JSON.stringify(config));
    const process = await startServerProcess({
      command: "docker-registry",
      args: ["serve", `${folder}/config.yml`],
      logFile: `${folder}/log`,
      isReady: () => accepts(port),
    });
    return new RegistryServer(host, folder, process);
  }

  /** What it calls the manifest behind a tag; undefined when it has none. */
  async digestOf(name: string, tag: string): Promise<string | undefined> {
    const types = [
      "application/vnd.oci.image.manifest.v1+json",
      "application/vnd.docker.distribution.manifest.v2+json",
    ];
    const login = btoa(`${ACCOUNT.user}:${ACCOUNT.password}`);
    const response = await fetch(`http://${this.host}/v2/${name}/manifests/${tag}`, {
      method: "HEAD",
      headers: { Accept: types.join(", "), Authorization: `Basic ${login}` },
    });
    return response.ok ? response.headers.get("docker-content-digest") ?? undefined : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end("SIGTERM");
    await Deno.remove(this.#folder, { recursive: true });
  }
}

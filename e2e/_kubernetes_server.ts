import { WebSocketConnection } from "../engine/kubernetes/mod.ts";
import { makeCertificates } from "./_certificates.ts";
import type { DockerServer } from "./_docker_server.ts";
import { close, encode, httpAnswer, type RawRequest, readRequest, writeAll } from "./_raw_http.ts";

/** What the API server keeps of an object. */
interface Kept {
  readonly kind: "pods" | "persistentvolumeclaims";
  // deno-lint-ignore no-explicit-any -- objects of an API that a fake only looks into
  readonly object: any;
  isGoing: boolean;
}

const TOKEN = "token-of-the-test";
const NAMESPACE = "tests";

/**
 * An API server that keeps pods and claims, with a Docker daemon as its one node: what Kubernetes answers, and
 * containers that really run. Refuses whatever the driver has no business to ask.
 */
export class KubernetesServer implements AsyncDisposable {
  readonly folder: string;
  /** Every request, as `GET /path`. */
  readonly requests: string[] = [];
  /** Answers in place of the server: status and message, for requests that begin so. */
  readonly refusals = new Map<string, { readonly status: number; readonly body: unknown }>();
  readonly #docker: DockerServer;
  readonly #kept = new Map<string, Kept>();
  readonly #connections = new Set<Deno.TlsConn>();
  readonly #work = new Set<Promise<unknown>>();
  #listener: Deno.TlsListener | undefined;

  private constructor(folder: string, docker: DockerServer) {
    this.folder = folder;
    this.#docker = docker;
  }

  /** Starts it on a port of its own. */
  static async start(docker: DockerServer): Promise<KubernetesServer> {
    const folder = await Deno.makeTempDir({ prefix: "pd_kubernetes_" });
    const server = new KubernetesServer(folder, docker);
    await makeCertificates(folder);
    await server.#listen();
    return server;
  }

  /** A kubeconfig with a context for it. */
  get kubeconfig(): string {
    return `${this.folder}/kubeconfig`;
  }

  /** Objects with a label of a run. */
  left(runId: string): string[] {
    return [...this.#kept.values()].filter(({ object }) =>
      object.metadata.labels["pipedreamer.io/run"] === runId
    ).map(({ kind, object }) => {
      const { name } = object.metadata;
      if (kind === "persistentvolumeclaims") return `volume ${name}`;
      // Files of a volume go through a pod that lives as long as the volume.
      return name.startsWith("pd-files-of-") ? `volume ${name}` : `container ${name}`;
    });
  }

  /** Pods that are there, as the driver made them. */
  get pods(): readonly unknown[] {
    return [...this.#kept.values()].filter(({ kind }) => kind === "pods").map((one) => one.object);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener?.close();
    for (const connection of this.#connections) close(connection);
    await Promise.allSettled(this.#work);
    await Deno.remove(this.folder, { recursive: true });
  }

  async #listen(): Promise<void> {
    const [key = "", cert = ""] = await Promise.all(
      ["server.key", "server.pem"].map((name) => Deno.readTextFile(`${this.folder}/${name}`)),
    );
    const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, key, cert });
    this.#listener = listener;
    this.#track(this.#accept(listener));
    const { port } = listener.addr;
    await Deno.writeTextFile(
      this.kubeconfig,
      JSON.stringify({
        "current-context": "test",
        contexts: [{
          name: "test",
          context: { cluster: "c", user: "u", namespace: NAMESPACE },
        }],
        clusters: [{
          name: "c",
          cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": "ca.pem" },
        }],
        users: [{ name: "u", user: { token: TOKEN } }],
      }),
    );
  }

  #track(work: Promise<unknown>): void {
    const safe = work.catch(() => {});
    this.#work.add(safe);
    safe.finally(() => this.#work.delete(safe));
  }

  async #accept(listener: Deno.TlsListener): Promise<void> {
    for await (const connection of listener) {
      this.#connections.add(connection);
      const served = this.#serve(connection).finally(() => {
        this.#connections.delete(connection);
        close(connection);
      });
      this.#track(served);
    }
  }

  /** One request, then the end of the connection. */
  async #serve(connection: Deno.TlsConn): Promise<void> {
    const request = await readRequest(connection);
    if (request === undefined) return;
    if (request.headers.get("upgrade") === "websocket") return await this.#exec(request);
    const { method, url, headers, text } = request;
    const asked = `${method} ${url.pathname}`;
    this.requests.push(`${asked}${url.search}`);
    const { status, body } = headers.get("authorization") !== `Bearer ${TOKEN}`
      ? failure(401, "Unauthorized", "Unauthorized")
      : this.#refusalOf(asked) ??
        (text !== "" && headers.get("content-type") !== "application/json"
          ? failure(415, "UnsupportedMediaType", "the body of the request was in an unknown format")
          : this.#handle(method, url, text === "" ? undefined : JSON.parse(text)));
    if (status === 200 && typeof body === "string") return await this.#log(body, connection);
    await writeAll(connection, httpAnswer(status, JSON.stringify(body)));
  }

  #refusalOf(asked: string) {
    for (const [start, refusal] of this.refusals) if (asked.startsWith(start)) return refusal;
    return undefined;
  }

  #handle(method: string, url: URL, body: unknown): { status: number; body: unknown } {
    const match = /^\/api\/v1\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/
      .exec(url.pathname);
    const [, namespace, kind, name, sub] = match ?? [];
    if (namespace !== NAMESPACE) {
      return failure(404, "NotFound", `namespaces "${namespace}" not found`);
    }
    if (kind === "events") return { status: 200, body: { kind: "EventList", items: [] } };
    if (kind !== "pods" && kind !== "persistentvolumeclaims") {
      return failure(404, "NotFound", "the server could not find the requested resource");
    }
    if (name === undefined) {
      return method === "POST" ? this.#create(kind, body) : this.#list(kind, url);
    }
    const kept = this.#kept.get(`${kind}/${name}`);
    if (kept === undefined) return failure(404, "NotFound", `${kind} "${name}" not found`);
    if (sub === "log") return { status: 200, body: kept.object.metadata.name };
    if (method === "GET") return { status: 200, body: kept.object };
    this.#track(this.#remove(kept));
    return { status: 200, body: kept.object };
  }

  #list(kind: string, url: URL): { status: number; body: unknown } {
    const wanted = (url.searchParams.get("labelSelector") ?? "").split(",");
    const items = [...this.#kept.values()].filter((kept) =>
      kept.kind === kind && wanted.every((one) => {
        const [label = "", value] = one.split("=");
        const has = kept.object.metadata.labels[label];
        return value === undefined ? has !== undefined : has === value;
      })
    ).map(({ object }) => object);
    return { status: 200, body: { kind: "List", metadata: {}, items } };
  }

  // deno-lint-ignore no-explicit-any -- as above
  #create(kind: Kept["kind"], object: any): { status: number; body: unknown } {
    const { name, labels } = object.metadata;
    const key = `${kind}/${name}`;
    if (this.#kept.has(key)) {
      return failure(409, "AlreadyExists", `${kind} "${name}" already exists`);
    }
    const badLabel = Object.values(labels).find((value) =>
      !/^[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/.test(String(value))
    );
    if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name) || badLabel !== undefined) {
      return failure(422, "Invalid", `${name} is invalid: ${badLabel}`);
    }
    const kept: Kept = { kind, object, isGoing: false };
    this.#kept.set(key, kept);
    if (kind === "pods") {
      object.status = { phase: "Pending" };
      this.#track(this.#startPod(kept));
    } else this.#track(this.#docker.docker("volume", "create", name));
    return { status: 201, body: object };
  }

  async #startPod({ object }: Kept): Promise<void> {
    const { name } = object.metadata;
    const { containers: [container], volumes } = object.spec;
    const { image, command = [], env = [], workingDir, resources, securityContext } = container;
    const claims = new Map<string, string>(
      // deno-lint-ignore no-explicit-any -- as above
      volumes.map((one: any) => [one.name, one.persistentVolumeClaim?.claimName]),
    );
    const who = [securityContext.runAsUser, securityContext.runAsGroup ?? 0];
    const memory = resources?.limits.memory;
    try {
      if (container.imagePullPolicy === "Never") {
        await this.#docker.docker("image", "inspect", image);
      }
      await this.#docker.docker(
        ...["run", "-d", "--name", name],
        // deno-lint-ignore no-explicit-any -- as above
        ...env.flatMap((one: any) => ["-e", `${one.name}=${one.value.replaceAll("$$(", "$(")}`]),
        ...workingDir === undefined ? [] : ["-w", workingDir],
        ...securityContext.runAsUser === undefined ? [] : ["-u", who.join(":")],
        ...memory === undefined ? [] : ["--memory", memory, "--memory-swap", memory],
        ...securityContext.privileged ? ["--privileged"] : [],
        // deno-lint-ignore no-explicit-any -- as above
        ...container.volumeMounts.flatMap((mount: any) =>
          claims.get(mount.name) === undefined
            ? ["--tmpfs", `${mount.mountPath}:mode=0777,exec`]
            : [
              "--mount",
              `type=volume,volume-nocopy,src=${claims.get(mount.name)},dst=${mount.mountPath}${
                mount.readOnly ? ",readonly" : ""
              }`,
            ]
        ),
        ...command.length === 0 ? [] : ["--entrypoint", command[0]],
        image,
        ...command.slice(1),
      );
      object.status = running();
    } catch (error) {
      const said = String(error);
      object.status = /No such image/.test(said)
        ? waiting("ErrImageNeverPull", `Container image "${image}" is not present`)
        : waiting("RunContainerError", said);
      return;
    }
    const code = Number(await this.#docker.docker("wait", name));
    object.status = {
      phase: code === 0 ? "Succeeded" : "Failed",
      containerStatuses: [{ state: { terminated: { exitCode: code, reason: "Error" } } }],
    };
  }

  async #remove(kept: Kept): Promise<void> {
    if (kept.isGoing) return;
    kept.isGoing = true;
    const { name } = kept.object.metadata;
    if (kept.kind === "pods") {
      // One that is being made may come a moment later.
      while (kept.object.status.phase === "Pending" && !kept.object.status.containerStatuses) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await this.#docker.docker("rm", "--force", "-v", name).catch(() => {});
    } else await this.#docker.docker("volume", "rm", "--force", name).catch(() => {});
    this.#kept.delete(`${kept.kind}/${name}`);
  }

  async #log(name: string, connection: Deno.TlsConn): Promise<void> {
    const child = new Deno.Command("docker", {
      args: ["-H", `unix://${this.#docker.socket}`, "logs", "--follow", name],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await writeAll(
      connection,
      encode("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n"),
    );
    for await (const bytes of child.stdout) await writeAll(connection, bytes);
    await child.status;
    await connection.closeWrite();
  }

  /** `pods/exec`: frames with a channel each, and at last a status. */
  async #exec({ url, headers, connection, rest }: RawRequest): Promise<void> {
    const name = url.pathname.split("/").at(-2) ?? "";
    this.requests.push(`UPGRADE ${url.pathname}`);
    const refusal = this.#refusalOf(`UPGRADE ${url.pathname}`) ??
      (this.#kept.has(`pods/${name}`) && headers.get("authorization") === `Bearer ${TOKEN}`
        ? undefined
        : failure(404, "NotFound", `pods "${name}" not found`));
    if (refusal !== undefined) {
      return await writeAll(
        connection,
        httpAnswer(refusal.status, JSON.stringify(refusal.body)),
      );
    }
    const key = `${headers.get("sec-websocket-key")}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", encode(key)));
    await writeAll(
      connection,
      encode(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n" +
          `Sec-WebSocket-Accept: ${digest.toBase64()}\r\n\r\n`,
      ),
    );
    const web = new WebSocketConnection(connection, { isClient: false, rest });
    await this.#runExec(name, url.searchParams, web);
  }

  async #runExec(name: string, query: URLSearchParams, web: WebSocketConnection): Promise<void> {
    const hasStdin = query.get("stdin") === "true";
    const child = new Deno.Command("docker", {
      args: [
        ...["-H", `unix://${this.#docker.socket}`, "exec", ...hasStdin ? ["-i"] : []],
        ...[name, ...query.getAll("command")],
      ],
      stdin: hasStdin ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stdin = hasStdin ? child.stdin.getWriter() : undefined;
    await web.send(new Uint8Array([1]));
    async function take(): Promise<void> {
      for (let message; (message = await web.receive()) !== undefined;) {
        const bytes = message.subarray(1);
        if (message[0] === 0) await stdin?.write(bytes).catch(() => {});
        if (message[0] === 255 && bytes[0] === 0) await stdin?.close().catch(() => {});
      }
      // Nobody is there to read; the real one lets the command run on.
      await stdin?.close().catch(() => {});
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended
      }
    }
    async function give(stream: ReadableStream<Uint8Array>, channel: number): Promise<void> {
      for await (const bytes of stream) await web.send(new Uint8Array([channel]), bytes);
    }
    const taken = take();
    const given = [give(child.stdout, 1), give(child.stderr, 2)];
    const { code } = await child.status;
    await Promise.allSettled(given);
    const status = code === 0 ? { metadata: {}, status: "Success" } : {
      metadata: {},
      status: "Failure",
      message: `command terminated with exit code ${code}`,
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: `${code}` }] },
    };
    await web.send(new Uint8Array([3]), encode(JSON.stringify(status)))
      .catch(() => {});
    await web.end();
    web.close();
    await taken;
  }
}

/** The error body of an API server. */
export function failure(
  code: number,
  reason: string,
  message: string,
): { readonly status: number; readonly body: unknown } {
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code };
  return { status: code, body: status };
}

function running(): unknown {
  return { phase: "Running", containerStatuses: [{ state: { running: {} } }] };
}

function waiting(reason: string, message: string): unknown {
  return { phase: "Pending", containerStatuses: [{ state: { waiting: { reason, message } } }] };
}

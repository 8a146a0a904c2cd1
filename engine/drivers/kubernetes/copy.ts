import { openExec } from "../../kubernetes/mod.ts";
import { checkArchive } from "../check_archive.ts";
import type { ContainerSpec, Volume } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { driverError } from "./driver_errors.ts";
import { runInPod } from "./exec.ts";
import { startKeeperPod } from "./keeper_pod.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { CONTAINER } from "./pod_body.ts";
import { removePod } from "./pods.ts";

const PLACE = "/volume";
const GRACE_MS = 1_000;
/** A step of another user writes into it too; where the storage does not let us, it has its own way. */
const UNPACK = `chmod 0777 ${PLACE} 2>/dev/null; exec tar -xpf - -C ${PLACE}`;

/** Pods that files of one volume go through, several at once, and kept until the volume goes. */
export class VolumeHelpers {
  readonly #context: KubernetesContext;
  readonly #pods = new Map<
    string,
    { readonly volume: Volume; readonly starting: Promise<string> }
  >();

  constructor(context: KubernetesContext) {
    this.#context = context;
  }

  /** The pod of a volume, started when it is first asked for; `signal` is that of the run as a whole. */
  async podOf(volume: Volume, signal: AbortSignal): Promise<string> {
    const known = this.#pods.get(volume.id);
    if (known !== undefined) return await known.starting;
    const starting = this.#start(volume, signal);
    this.#pods.set(volume.id, { volume, starting });
    try {
      return await starting;
    } catch (error) {
      this.#pods.delete(volume.id);
      throw error;
    }
  }

  async remove(volume: Volume): Promise<void> {
    const pod = this.#pods.get(volume.id);
    this.#pods.delete(volume.id);
    const podName = await pod?.starting.catch(() => undefined);
    if (podName !== undefined) await removePod(this.#context, podName);
  }

  /** Those of a run, whose pods are removed with all of it. */
  forget(runId: string): void {
    for (const [id, { volume }] of this.#pods) if (volume.runId === runId) this.#pods.delete(id);
  }

  async #start(volume: Volume, signal: AbortSignal): Promise<string> {
    const image = this.#context.settings.helperImage;
    const spec: ContainerSpec = {
      runId: volume.runId,
      name: `files of ${volume.name}`,
      image,
      pull: "missing",
      env: {},
      workDir: undefined,
      user: undefined,
      mounts: [{ volume, path: PLACE, readOnly: false }],
      limits: {},
      privileged: false,
    };
    const podName = await startKeeperPod(this.#context, spec, {
      id: `files ${volume.id}`,
      signal,
    });
    if (podName !== undefined) return podName;
    throw new DriverError(
      "NOT_SUPPORTED",
      `Cannot copy files with image "${image}" as it has no shell "sh"`,
      { fix: "k8s://?helper_image=docker.io/library/busybox:1.37" },
    );
  }
}

/** Unpacks an archive into a volume, as it comes. */
export async function copyIn(
  context: KubernetesContext,
  podName: string,
  copy: {
    readonly volume: Volume;
    readonly tar: ReadableStream<Uint8Array>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { volume, tar, signal } = copy;
  const reader = tar.getReader();
  const failed = new AbortController();
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let part; !(part = await reader.read()).done;) yield part.value;
  }
  async function* checked(): AsyncGenerator<Uint8Array> {
    try {
      yield* checkArchive(parts());
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  }
  const err = new TextDecoder();
  let stderr = "";
  try {
    const { code } = await runInPod(context, {
      podName,
      command: ["sh", "-c", UNPACK],
      env: {},
      workDir: undefined,
      graceMs: GRACE_MS,
    }, {
      stdin: ReadableStream.from(checked()),
      signal: AbortSignal.any([signal, failed.signal]),
      onStdout() {},
      onStderr(bytes) {
        if (stderr.length < 2000) stderr += err.decode(bytes, { stream: true });
      },
    });
    failed.signal.throwIfAborted();
    if (code === 0) return;
    throw new DriverError(
      "ARCHIVE_INVALID",
      `Cannot unpack an archive into volume "${volume.name}" as tar ended with ${code}: ${
        stderr.trim().split("\n")[0]
      }`,
    );
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The content of a volume as an archive, as it is read. A stream that is not read to its end must be cancelled. */
export async function copyOut(
  context: KubernetesContext,
  podName: string,
  copy: { readonly volume: Volume; readonly signal: AbortSignal | undefined },
): Promise<ReadableStream<Uint8Array>> {
  const { volume, signal } = copy;
  const streams = await openExec(context.client, {
    namespace: context.namespace,
    pod: podName,
    container: CONTAINER,
    command: ["tar", "-cf", "-", "-C", PLACE, "."],
    hasStdin: false,
    signal,
  });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const onAbort = () => void writer.abort(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", onAbort, { once: true });
  // Somebody reads no more, or the signal aborts.
  writer.closed.catch(() => streams[Symbol.dispose]());
  async function pump(): Promise<void> {
    let stderr = "";
    try {
      const code = await streams.read({
        onStdout: (bytes) => writer.write(bytes),
        onStderr(bytes) {
          if (stderr.length < 2000) stderr += new TextDecoder().decode(bytes);
        },
      });
      if (code !== 0) {
        throw new DriverError(
          "DRIVER_UNAVAILABLE",
          `Cannot read volume "${volume.name}" as tar ended with ${code ?? "no code"}: ${stderr}`,
        );
      }
      await writer.close();
    } catch (error) {
      await writer.abort(driverError(error)).catch(() => {});
    } finally {
      signal?.removeEventListener("abort", onAbort);
      streams[Symbol.dispose]();
    }
  }
  void pump();
  return readable;
}

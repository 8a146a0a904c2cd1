import { DriverError } from "../driver_error.ts";
import { ApiError, isNotFound } from "./api_error.ts";
import { askHelper } from "./credential_helper.ts";
import type { DockerContext } from "./docker_context.ts";
import { registryAuth, splitImage } from "./registry_auth.ts";

/** Between two words about a pull that goes on. */
const TELL_EVERY_MS = 10_000;

interface PullProgress {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Whether the daemon has an image. */
export async function hasImage({ client }: DockerContext, image: string): Promise<boolean> {
  try {
    await client.ask({ method: "GET", path: `/images/${encodeImage(image)}/json` });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/**
 * Fetches an image, and tells that it does: that can take minutes.
 *
 * @throws {DriverError} `IMAGE_UNAVAILABLE`
 */
export async function pullImage(
  context: DockerContext,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, clock } = context;
  const { name, tag } = splitImage(image);
  const auth = await authOf(context, image);
  context.onWarning(`Pulling image "${image}"`);
  const layers = new Map<string, { current: number; total: number }>();
  let toldAt = clock.monotonic();
  try {
    const { body } = await client.open({
      method: "POST",
      path: "/images/create",
      query: { fromImage: name, tag },
      ...auth === undefined ? {} : { headers: { "X-Registry-Auth": auth } },
      signal,
    });
    for await (const { id, status, error, progressDetail } of jsonLines(body)) {
      if (error !== undefined) throw new ApiError(500, error);
      const { current, total } = progressDetail ?? {};
      if (id === undefined || status !== "Downloading") continue;
      layers.set(id, { current: current ?? 0, total: total ?? 0 });
      if (clock.monotonic() - toldAt < TELL_EVERY_MS) continue;
      toldAt = clock.monotonic();
      context.onWarning(`Pulling image "${image}": ${sum(layers)}`);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw unavailableImage(image, error.message, `docker pull ${image}`);
  }
}

/** A public image needs no helper, so one that fails is not the end. */
async function authOf(context: DockerContext, image: string): Promise<string | undefined> {
  try {
    return await registryAuth(await dockerConfig(context.env), image, askHelper);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.onWarning(`Pulling image "${image}" without credentials: ${why}`);
    return undefined;
  }
}

/** There is no such image, and no way to get it. */
export function unavailableImage(image: string, state: string, fix: string): DriverError {
  return new DriverError("IMAGE_UNAVAILABLE", `Cannot run image "${image}" as ${state}`, { fix });
}

/** A reference as part of a path: its slashes stay. */
export function encodeImage(image: string): string {
  return image.split("/").map(encodeURIComponent).join("/");
}

function sum(layers: ReadonlyMap<string, { current: number; total: number }>): string {
  let current = 0;
  let total = 0;
  for (const layer of layers.values()) {
    current += layer.current;
    total += layer.total;
  }
  const inMb = (bytes: number) => Math.round(bytes / 1e6);
  return `${inMb(current)} of ${inMb(total)} MB`;
}

async function* jsonLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<PullProgress> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (text.trim() !== "") yield JSON.parse(text);
}

async function dockerConfig(env: (name: string) => string | undefined): Promise<string> {
  const dir = env("DOCKER_CONFIG") ?? `${env("HOME") ?? ""}/.docker`;
  return await Deno.readTextFile(`${dir}/config.json`).catch(() => "");
}

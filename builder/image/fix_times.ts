import { packFiles } from "../../engine/workspace/mod.ts";
import { runProgram } from "./run_program.ts";

/** What Docker says of an image, as far as it goes into the image's configuration. */
interface Inspected {
  readonly Id: string;
  readonly Created?: string;
  readonly Architecture: string;
  readonly Os: string;
  readonly Variant?: string;
  readonly Author?: string;
  readonly Config: { readonly [key: string]: unknown };
  readonly RootFS: { readonly Layers?: readonly string[] };
}

/** What the image's history is made of. */
interface Step {
  readonly created: string;
  readonly created_by: string;
}

/** An archive of nothing: BuildKit makes a layer of `WORKDIR`, and the folder is there already. */
const EMPTY_LAYER = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/** How an image is told apart from one of another moment. */
export interface FixTimesOptions {
  readonly program: string;
  readonly tag: string;
  readonly baseImage: string;
  readonly epoch: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives the image a configuration without the moment of its build. Docker's classic builder writes that into it, so
 * the same context would have another id each time. The layers are known to the daemon and stay as they are: only the
 * configuration, a few kilobytes, is loaded. BuildKit has set the time itself, unless it is an old one. An image stays
 * as it was built where the daemon refuses: one that keeps images in containerd takes none without its layers.
 */
export async function fixTimes(options: FixTimesOptions): Promise<void> {
  const { program, tag, baseImage, epoch, signal } = options;
  const [image] = JSON.parse(
    await runProgram(program, ["image", "inspect", tag], { signal }),
  ) as [Inspected];
  const created = new Date(epoch * 1000).toISOString().replace(".000Z", "Z");
  if (image.Created === created) return;
  const layers = image.RootFS.Layers ?? [];
  // Not from what the daemon says of the base: that may be known to BuildKit alone.
  const own = layers.at(-1) === EMPTY_LAYER ? ["ADD app.tar /", "WORKDIR /app"] : ["ADD app.tar /"];
  const history = layers.map((_, index): Step => ({
    created,
    created_by: own[index - (layers.length - own.length)] ?? `FROM ${baseImage}`,
  }));
  const { Hostname: _, Domainname: __, Image: ___, ...config } = image.Config;
  const text = JSON.stringify({
    architecture: image.Architecture,
    os: image.Os,
    ...image.Variant ? { variant: image.Variant } : {},
    created,
    config,
    rootfs: { type: "layers", diff_ids: layers },
    history,
  });
  const bytes = new TextEncoder().encode(text);
  const id = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (image.Id === `sha256:${id}`) return;
  const manifest = [{
    Config: `${id}.json`,
    RepoTags: [tag],
    Layers: layers.map((_, index) => `${index}/layer.tar`),
  }];
  const files = new Map([
    [`${id}.json`, bytes],
    ["manifest.json", new TextEncoder().encode(JSON.stringify(manifest))],
  ]);
  const stdin = packFiles(files, { mtime: epoch });
  const isLoaded = await runProgram(program, ["load", "--quiet"], { signal, stdin })
    .then(() => true, () => false);
  signal?.throwIfAborted();
  if (!isLoaded) return;
  // What was built has no name any more. It may be the parent of another image, which is no harm.
  await runProgram(program, ["image", "rm", image.Id], { signal }).catch(() => {});
}

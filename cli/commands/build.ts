import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandDefinition } from "../command.ts";

// Computed, as the runtime loads what an import names literally.
const BUILD_TARGET = new URL("../build_target.ts", import.meta.url).href;

/** `pd build` */
export const definition: CommandDefinition = {
  name: "build",
  summary: "Make a locked, reproducible image of a workflow",
  examples: [
    { run: "pd build", does: "this folder's workflow, as name:version" },
    { run: "pd build . -r registry.example.com/team --push", does: "and into a registry" },
    { run: "pd build . -t hn-digest:next --platform linux/arm64", does: "another tag and machine" },
    { run: "pd build . --engine podman --sbom sbom.json", does: "with Podman, and what is in it" },
    { run: "pd build . --dockerfile", does: "print the Dockerfile and build nothing" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Make a locked, reproducible image of a workflow: engine and nodes bundled on a base without a shell, started with no more rights than its nodes declare. The same folder gives the same image. Prints size, digest and rights, and which rights changed since the last build.",
      )
      .argument("[dir]", "folder of a workflow, or a workflow.yaml", ".")
      .option("-t, --tag <reference>", "name of the image, else <registry>/<name>:<version>")
      .option("--push", "push it to its registry")
      .option("--platform <os/arch>", "such as linux/arm64; that of the builder otherwise")
      .option(
        "--base-image <reference>",
        "image with deno at /bin/deno, else the pinned distroless one",
      )
      .option("--engine <name>", "docker, podman or buildah; the first that is there otherwise")
      .option("--sbom <file>", "write what the image is made of, as CycloneDX JSON")
      .option(
        "--allow-net <hosts>",
        "more hosts that the engine itself reaches, such as a database",
      )
      .option("--dockerfile", "print the Dockerfile and build nothing")
      .action(async (dir, options) => {
        const { buildTarget }: typeof import("../build_target.ts") = await import(BUILD_TARGET);
        await buildTarget(cli, {
          target: dir,
          tag: options.tag,
          push: options.push === true,
          platform: options.platform,
          baseImage: options.baseImage,
          engine: options.engine,
          sbom: options.sbom,
          alsoNet: (options.allowNet ?? "").split(",").filter((host) => host !== ""),
          printOnly: options.dockerfile === true,
        });
      }) as CommandUnknownOpts,
};

import { CodedError } from "../../engine/errors/mod.ts";
import { BUILT_FILE } from "../../engine/workflow/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import type { WorkflowRights } from "../rights.ts";
import { DEFAULT_BASE_IMAGE, DENO_PATH } from "../base_image.ts";
import { engineFlags, LISTEN_PORT, socketPlaces } from "./engine_flags.ts";

/** How the Dockerfile is written. */
export interface DockerfileOptions {
  readonly spec: WorkflowSpec;
  readonly rights: WorkflowRights;
  /** `DEFAULT_BASE_IMAGE` by default. It has deno at `/bin/deno`. */
  readonly baseImage?: string | undefined;
  /** More hosts that the engine itself reaches, as `host` or `host:port`. */
  readonly alsoNet?: readonly string[];
}

/** Of one argument, with its end: Linux starts no program with a longer one. */
const MOST_ARGUMENT_BYTES = 128 * 1024;
/** Nobody: an id that owns no file. */
const USER = "65534:65534";

/**
 * The Dockerfile of a workflow: one layer on top of the base, which `app.tar` in the context holds, and an entry point
 * that has no more rights than the workflow declares. The same input gives the same text.
 *
 * @throws {CodedError} `BUNDLE_FAILED` for more hosts and sets of rights than a command line holds
 */
export function dockerfile(options: DockerfileOptions): string {
  const { spec, rights, alsoNet, baseImage = DEFAULT_BASE_IMAGE } = options;
  const sockets = socketPlaces(rights);
  const entry = [
    DENO_PATH,
    "run",
    ...engineFlags(rights, alsoNet),
    "/app/engine/main.js",
    "--host=0.0.0.0",
    `--port=${LISTEN_PORT}`,
    "--log=json",
    ...sockets === undefined ? [] : [`--sockets=${sockets}`],
    `--workflow=/app/workflow/${BUILT_FILE}`,
  ];
  checkLengths(spec.name, entry);
  const labels: readonly (readonly [string, string])[] = [
    ["org.opencontainers.image.title", spec.name],
    ["org.opencontainers.image.version", spec.version],
    ...spec.description === undefined
      ? []
      : [["org.opencontainers.image.description", oneLine(spec.description)] as const],
    ["org.opencontainers.image.base.name", baseImage],
    ["dev.pipedreamer.workflow", spec.name],
  ];
  return [
    "# Written by pd build.",
    `FROM ${baseImage}`,
    `LABEL ${labels.map(([key, value]) => `${key}=${quoted(value)}`).join(" \\\n      ")}`,
    // An archive keeps the times, modes and owners that it was given, in every builder.
    "ADD app.tar /",
    "WORKDIR /app",
    "ENV DENO_DIR=/tmp/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1",
    `USER ${USER}`,
    `EXPOSE ${LISTEN_PORT}`,
    "STOPSIGNAL SIGTERM",
    // Kubernetes asks the engine itself.
    "HEALTHCHECK NONE",
    `ENTRYPOINT ${JSON.stringify(entry)}`,
    "CMD []",
    "",
  ].join("\n");
}

function checkLengths(name: string, entry: readonly string[]): void {
  const encoder = new TextEncoder();
  const longest = Math.max(...entry.map((argument) => encoder.encode(argument).length));
  if (longest < MOST_ARGUMENT_BYTES) return;
  throw new CodedError(
    "BUNDLE_FAILED",
    `Cannot make an image of "${name}" as its hosts and sets of rights are named in an argument of 128 KiB at most: it would have ${
      Math.ceil(longest / 1024)
    } KiB`,
    { fix: "workflow.yaml: the same permissions for nodes that may share a process" },
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Inside double quotes a Dockerfile gives a meaning to `\`, `"` and `$`. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"$]/g, "\\$&")}"`;
}

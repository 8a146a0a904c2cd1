import { socketPaths } from "../../engine/nodes/mod.ts";
import type { WorkflowRights } from "../rights.ts";
import { DENO_PATH } from "../base_image.ts";

/** Where the engine listens in a pod. */
export const LISTEN_PORT = 8080;

/** Where the sockets of node hosts are in a pod. */
const SOCKETS = "/tmp/pd";
/** A run of an older version that is taken up again has hosts beside those of the current one. */
const GENERATIONS = 2;

/** Where the engine puts the sockets of its hosts, when it may not put them anywhere else. */
export function socketPlaces(rights: WorkflowRights): string | undefined {
  return isAnyNet(rights) || !rights.startsHosts
    ? undefined
    : `${SOCKETS}:${rights.hostGroups * GENERATIONS}`;
}

/** What the engine reads of the environment; every other variable does not exist for it. */
const VARIABLES = [
  "DENO_CERT",
  "DENO_DIR",
  "DENO_TLS_CA_STORE",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "OTEL_DENO",
  "OTEL_DENO_CONSOLE",
  "OTEL_DENO_TRACING",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_SDK_DISABLED",
  "OTEL_TRACES_EXPORTER",
  "OTEL_TRACES_SAMPLER",
  "PD_GRACE",
  "PD_LOG",
  "PD_MAX_RUNS",
  "PD_STORAGE",
  "SSL_CERT_FILE",
  "TZ",
];

/**
 * The flags of `deno run` for the engine in an image, from what its workflow may do. Where nodes run in hosts, the
 * right to start them is the right to start `deno` alone; where none does, there is no right to start anything.
 */
export function engineFlags(
  rights: WorkflowRights,
  alsoNet: readonly string[] = [],
): string[] {
  return [
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    "--no-lock",
    "--config=/app/deno.json",
    "--ignore-env",
    `--allow-env=${VARIABLES.join(",")}`,
    netFlag(rights, alsoNet),
    "--allow-read=/app,/tmp",
    "--allow-write=/tmp",
    ...rights.startsHosts ? [`--allow-run=${DENO_PATH}`] : [],
  ];
}

function isAnyNet({ net, needsDriver }: WorkflowRights): boolean {
  return "any" in net || needsDriver;
}

function netFlag(rights: WorkflowRights, alsoNet: readonly string[]): string {
  const { net, queueHosts, startsHosts, hostGroups } = rights;
  if (isAnyNet(rights) || "any" in net) return "--allow-net";
  const hosts = [`0.0.0.0:${LISTEN_PORT}`, ...queueHosts, ...alsoNet, ...net.hosts];
  const sockets = startsHosts
    ? socketPaths(SOCKETS, hostGroups * GENERATIONS).map((path) => `unix:${path}`)
    : [];
  return `--allow-net=${[...hosts, ...sockets].join(",")}`;
}

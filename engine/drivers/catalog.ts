import type { OpenDriver } from "./open_options.ts";

/** One driver: what it is called, what it is for, and where it is. */
export interface DriverEntry {
  readonly name: string;
  /** Other names in addresses. */
  readonly aliases: readonly string[];
  /** One line for help texts and the docs. */
  readonly summary: string;
  readonly examples: readonly string[];
  load(): Promise<{ readonly open: OpenDriver }>;
}

/**
 * Every driver there is. The addresses of modules are computed, as the runtime loads whatever an import names
 * literally: a workflow without containers pays for none of them.
 */
export const DRIVERS: readonly DriverEntry[] = [
  {
    name: "native",
    aliases: [],
    summary: "processes of this machine, without isolation; volumes are folders",
    examples: ["native"],
    load: () => import(new URL("./native/mod.ts", import.meta.url).href),
  },
  {
    name: "docker",
    aliases: ["podman"],
    summary: "containers of Docker or Podman, over the socket of its API",
    examples: ["docker", "docker:///var/run/docker.sock", "podman"],
    load: () => import(new URL("./docker/mod.ts", import.meta.url).href),
  },
  {
    name: "kubernetes",
    aliases: ["k8s"],
    summary: "pods and volume claims of a Kubernetes cluster",
    examples: ["k8s", "k8s://context?namespace=name"],
    load: () => import(new URL("./kubernetes/mod.ts", import.meta.url).href),
  },
];

/** Names that are spoken for, and are no drivers yet. */
export const LATER_DRIVERS: readonly string[] = ["fly", "digitalocean", "hetzner"];

/** Every name that an address may begin with. */
export const DRIVER_NAMES: readonly string[] = DRIVERS.flatMap(({ name, aliases }) => [
  name,
  ...aliases,
]);

/** The name in the catalogue for a name or an alias. */
export function driverOf(name: string): string | undefined {
  return DRIVERS.find((entry) => entry.name === name || entry.aliases.includes(name))?.name;
}

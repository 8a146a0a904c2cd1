import { parse } from "yaml";
import { dirname, isAbsolute, join } from "node:path";
import { KubernetesError } from "./kubernetes_error.ts";
import { type AuthConfig, credentialsOf } from "./credentials.ts";

/** Where a cluster is and how it is spoken to. */
export interface Cluster {
  /** Without a slash at the end. */
  readonly server: string;
  /** PEM; the system's authorities when undefined. */
  readonly ca: string | undefined;
  /** Of the context; `default` when that says nothing. */
  readonly namespace: string;
  /** For messages: `context "name"`, or `the cluster that pd runs in`. */
  readonly name: string;
  /** Who asks, asked for before each request as tokens run out. */
  credentials(): Promise<Credentials>;
}

/** Who asks. */
export interface Credentials {
  /** Of the header `authorization`. */
  readonly authorization?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** How a cluster is looked for. */
export interface FindCluster {
  /** The current one of the kubeconfig when undefined. */
  readonly context: string | undefined;
  readonly env: (name: string) => string | undefined;
  /** Where a pod finds its service account. */
  readonly serviceAccountDir?: string;
  readonly now: () => number;
}

const SERVICE_ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

interface Named {
  readonly name?: string;
}

interface Kubeconfig {
  "current-context"?: string;
  clusters: (Named & { readonly dir: string; readonly cluster?: ClusterEntry })[];
  users: (Named & { readonly dir: string; readonly user?: AuthConfig })[];
  contexts: (Named & { readonly context?: ContextEntry })[];
}

interface ClusterEntry {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "proxy-url"?: string;
  readonly "tls-server-name"?: string;
}

interface ContextEntry {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/**
 * The cluster of a context: of the files of `KUBECONFIG`, else of `~/.kube/config`, else the one that this
 * process runs in, by the service account of its pod. Nothing is asked of it.
 *
 * @throws {KubernetesError} `KUBERNETES_CONFIG_INVALID`
 */
export async function findCluster(find: FindCluster): Promise<Cluster> {
  const listed = find.env("KUBECONFIG");
  const home = find.env("HOME") ?? "";
  const files = listed ? listed.split(":").filter(Boolean) : home ? [`${home}/.kube/config`] : [];
  const config = await readAll(files);
  if (config === undefined) {
    if (find.context === undefined) {
      const own = await ownCluster(find);
      if (own !== undefined) return own;
    }
    throw invalid(
      "the kubeconfig",
      `there is none: ${files.join(", ") || "neither KUBECONFIG nor HOME is set"}`,
      "KUBECONFIG=/path/to/kubeconfig",
    );
  }
  return fromConfig(config, find);
}

async function readAll(files: readonly string[]): Promise<Kubeconfig | undefined> {
  let all: Kubeconfig | undefined;
  for (const file of files) {
    let text: string;
    try {
      text = await Deno.readTextFile(file);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) continue;
      throw invalid(`"${file}"`, `it cannot be read: ${cause}`, `ls -l ${file}`);
    }
    const one = read(file, text);
    const dir = dirname(file);
    all ??= { clusters: [], users: [], contexts: [] };
    if (!all["current-context"] && one["current-context"]) {
      all["current-context"] = one["current-context"];
    }
    // The first of a name wins, as kubectl has it.
    all.clusters.push(...(one.clusters ?? []).map((entry) => ({ ...entry, dir })));
    all.users.push(...(one.users ?? []).map((entry) => ({ ...entry, dir })));
    all.contexts.push(...one.contexts ?? []);
  }
  return all;
}

function read(file: string, text: string): Partial<Kubeconfig> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw invalid(`"${file}"`, "it is no YAML", `kubectl config view --kubeconfig ${file}`, cause);
  }
  if (value === null) return {};
  const lists = typeof value === "object" &&
    ["clusters", "users", "contexts"].every((key) => Array.isArray(Reflect.get(value, key) ?? []));
  if (!lists) {
    throw invalid(`"${file}"`, "it is no kubeconfig", `kubectl config view --kubeconfig ${file}`);
  }
  return value as Partial<Kubeconfig>;
}

async function fromConfig(config: Kubeconfig, find: FindCluster): Promise<Cluster> {
  const names = config.contexts.map(({ name }) => name).join(", ") || "none";
  const context = find.context ?? config["current-context"];
  if (!context) {
    throw invalid("the kubeconfig", "it has no current context", `k8s://context, of: ${names}`);
  }
  const entry = config.contexts.find(({ name }) => name === context)?.context;
  if (entry === undefined) {
    throw invalid(`context "${context}"`, "the kubeconfig does not have it", `One of: ${names}`);
  }
  const what = `context "${context}"`;
  const found = config.clusters.find(({ name }) => name === entry.cluster);
  const cluster = found?.cluster;
  if (found === undefined || !cluster?.server) {
    throw invalid(what, `its cluster has no server: "${entry.cluster}"`, "kubectl config view");
  }
  refuseUnsupported(what, cluster);
  const user = config.users.find(({ name }) => name === entry.user);
  if (entry.user && user === undefined) {
    throw invalid(what, `its user is not there: "${entry.user}"`, "kubectl config view");
  }
  const ca = await dataOrFile(
    cluster["certificate-authority-data"],
    cluster["certificate-authority"],
    found.dir,
  );
  return {
    server: serverOf(what, cluster.server),
    ca,
    namespace: entry.namespace || "default",
    name: what,
    credentials: credentialsOf(user?.user ?? {}, {
      dir: user?.dir ?? ".",
      cluster: { server: cluster.server, ca },
      env: find.env,
      now: find.now,
      dataOrFile,
    }),
  };
}

function refuseUnsupported(what: string, cluster: ClusterEntry): void {
  if (cluster["insecure-skip-tls-verify"]) {
    throw invalid(
      what,
      "a certificate that nobody checks is no protection: insecure-skip-tls-verify is set",
      `kubectl config set-cluster NAME --insecure-skip-tls-verify=false --certificate-authority=ca.pem`,
    );
  }
  if (cluster["proxy-url"]) {
    throw invalid(
      what,
      "clusters behind a proxy are not supported: proxy-url is set",
      "kubectl proxy --port 8001, and a context with server http://127.0.0.1:8001",
    );
  }
  const name = cluster["tls-server-name"];
  if (name && name !== new URL(cluster.server ?? "https://-").hostname) {
    throw invalid(
      what,
      "the certificate must be for the server's own name: tls-server-name is another",
      `server: https://${name}`,
    );
  }
}

function serverOf(what: string, text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(what, `a server is https://host:port: "${text}"`, "kubectl config view");
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

async function dataOrFile(
  data: string | undefined,
  file: string | undefined,
  dir: string,
): Promise<string | undefined> {
  if (data) return new TextDecoder().decode(Uint8Array.fromBase64(data));
  if (!file) return undefined;
  const path = isAbsolute(file) ? file : join(dir, file);
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw invalid(`"${path}"`, `the kubeconfig names it: ${cause}`, `ls -l ${path}`, cause);
  }
}

/** The cluster whose pod this process is in; undefined when it is in none. */
async function ownCluster(find: FindCluster): Promise<Cluster | undefined> {
  const host = find.env("KUBERNETES_SERVICE_HOST");
  const port = find.env("KUBERNETES_SERVICE_PORT") ?? "443";
  const dir = find.serviceAccountDir ?? SERVICE_ACCOUNT_DIR;
  if (!host) return undefined;
  const [ca, namespace] = await Promise.all(
    ["ca.crt", "namespace"].map((name) =>
      Deno.readTextFile(`${dir}/${name}`).catch(() => undefined)
    ),
  );
  if (ca === undefined) {
    throw invalid(
      "the cluster that pd runs in",
      `its pod has no service account: "${dir}/ca.crt" is not there`,
      "automountServiceAccountToken: true",
    );
  }
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca,
    namespace: namespace?.trim() || "default",
    name: "the cluster that pd runs in",
    credentials: credentialsOf({ tokenFile: `${dir}/token` }, {
      dir,
      cluster: { server: "", ca },
      env: find.env,
      now: find.now,
      dataOrFile,
    }),
  };
}

function invalid(what: string, why: string, fix: string, cause?: unknown): KubernetesError {
  return new KubernetesError("KUBERNETES_CONFIG_INVALID", `Cannot use ${what} as ${why}`, {
    fix,
    cause,
  });
}

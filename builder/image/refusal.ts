import { CodedError } from "../../engine/errors/mod.ts";

/** What a builder was asked when it refused. */
export interface RefusedCall {
  /** `docker`, `podman` or `buildah`. */
  readonly name: string;
  readonly args: readonly string[];
  /** Everything it wrote. */
  readonly output: string;
}

/** Lines of a program that an error shows when nothing says which of them counts. */
const SHOWN_LINES = 12;
/** What builders say while all is well, and before they try again. */
const PROGRESS =
  /^(?:Getting image source signatures|Copying (?:blob|config) |Writing manifest|Storing signatures|Trying to pull |STEP \d|Step \d+\/\d+ |Sending build context|DEPRECATED: |#\d+ |time="[^"]*" level=(?:warning|info)|The push refers to |[0-9a-f]{12}: )/;
/** How the line begins that says why. */
const REASON = /^(?:Error: |Error response from daemon: |ERROR: |error(?: during connect)?: )/i;
/** Where containers/image was when it failed: it names every step, and the last of them is the reason. */
const STEPS =
  /^(?:.*?: )?(?:trying to reuse blob \S+ at destination|checking whether a blob \S+ exists in \S+|writing blob|initializing source \S+|pinging container registry \S+): /;

interface Cause {
  readonly said: RegExp;
  fix(call: RefusedCall & { readonly registry: string }): string;
}

const ANOTHER_BASE =
  "pd build --base-image <an image with deno at /bin/deno that this machine can pull>";

/** The first that matches counts. */
const CAUSES: readonly Cause[] = [
  {
    said: /cannot connect to the docker daemon|is the docker daemon running/i,
    fix: () => "systemctl start docker, or pd build --engine podman",
  },
  {
    said: /permission denied.*docker.*sock/i,
    fix: () => "sudo usermod -aG docker $USER, log in again; or pd build --engine podman",
  },
  {
    said: /server gave HTTP response to HTTPS client/i,
    fix: ({ name, registry }) =>
      name === "docker"
        ? `"insecure-registries": ["${registry}"] in /etc/docker/daemon.json, if it is to do without TLS`
        : `printf '[[registry]]\\nlocation = "${registry}"\\ninsecure = true\\n' | sudo tee -a /etc/containers/registries.conf, if it is to do without TLS`,
  },
  {
    said: /x509:|certificate/i,
    fix: ({ registry }) =>
      `cp <its authority>.crt /etc/${registry.includes("docker.io") ? "docker" : "containers"}` +
      `/certs.d/${registry}/ca.crt`,
  },
  {
    said: /unauthorized|denied|authentication required|no basic auth credentials/i,
    fix: ({ name, args, registry }) =>
      `${name} login ${registry}`.trimEnd() +
      (isPush(args) ? ", with an account that may push there" : ""),
  },
  {
    said: /short-name .* did not resolve/i,
    fix: () => "pd build --base-image docker.io/<name>: with the registry before the name",
  },
  {
    said: /no such host|dial tcp|i\/o timeout|connection refused|network is unreachable|EOF$/i,
    fix: ({ args, registry }) =>
      isPush(args)
        ? `curl -I https://${registry}/v2/, and the right registry after -r`
        : ANOTHER_BASE,
  },
  { said: /manifest unknown|not found|name unknown/i, fix: () => ANOTHER_BASE },
];

/** A builder's refusal as one sentence, with what to do about it. */
export function refusal(call: RefusedCall): CodedError {
  const { name, args, output } = call;
  const lines = output.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
  const cause = CAUSES.find(({ said }) => lines.some((line) => said.test(line)));
  const told = lines.filter((line) => !PROGRESS.test(line));
  // What a client says around the reason only hides it.
  const reason = (cause && told.findLast((line) => cause.said.test(line))) ??
    told.findLast((line) => REASON.test(line));
  const shown = reason === undefined
    ? (told.length > 0 ? told : lines).slice(-SHOWN_LINES).join("\n  ")
    : reason.replace(REASON, "").replace(/^pushing image .*?" to ".*?": /, "");
  const registry = registryOf(args);
  return new CodedError(
    "IMAGE_FAILED",
    `Cannot ${isPush(args) ? "push" : "build"} the image as ${name} refuses: ${inner(shown)}`,
    { fix: cause?.fix({ ...call, registry }) ?? `pd build -v, which shows all that ${name} says` },
  );
}

function isPush(args: readonly string[]): boolean {
  return args[0] === "push";
}

/** Without the steps on the way to the reason. */
function inner(text: string): string {
  let rest = text;
  for (let last = ""; last !== rest;) {
    last = rest;
    rest = rest.replace(STEPS, "");
  }
  return rest;
}

/** The registry of what is pushed: its tag is the last word. */
function registryOf(args: readonly string[]): string {
  if (!isPush(args)) return "";
  const [first = "", ...rest] = (args.at(-1) ?? "").split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}

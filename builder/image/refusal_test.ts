import assert from "node:assert/strict";
import { refusal } from "./refusal.ts";

const BLOB = "sha256:7ca9ed8914bd95bcd0c373e2ec5647575a66bfb4f0efae3b1b4d3030236a86b7";
const COPYING = `Getting image source signatures\nCopying blob ${BLOB}\n`;

/** What Podman 4.3, Buildah 1.28 and Docker 20.10 wrote, and what is told of it. */
const REFUSALS: readonly {
  readonly name: string;
  readonly builder: "docker" | "podman" | "buildah";
  readonly args: readonly string[];
  readonly output: string;
  readonly message: string;
  readonly fix: RegExp;
}[] = [
  {
    name: "a wrong password",
    builder: "buildah",
    args: ["push", "--digestfile", "x", "127.0.0.1:5702/t/b:1"],
    output:
      `${COPYING}Error: pushing image "127.0.0.1:5702/t/b:1" to "docker://127.0.0.1:5702/t/b:1": trying to reuse blob ${BLOB} at destination: checking whether a blob ${BLOB} exists in 127.0.0.1:5702/t/b: unauthorized: authentication required\n`,
    message: "Cannot push the image as buildah refuses: unauthorized: authentication required",
    fix: /^buildah login 127\.0\.0\.1:5702, with an account that may push there$/,
  },
  {
    name: "a registry without TLS",
    builder: "podman",
    args: ["push", "127.0.0.1:5701/t/b:1"],
    output:
      `${COPYING}Error: trying to reuse blob ${BLOB} at destination: pinging container registry 127.0.0.1:5701: Get "https://127.0.0.1:5701/v2/": http: server gave HTTP response to HTTPS client\n`,
    message:
      'Cannot push the image as podman refuses: Get "https://127.0.0.1:5701/v2/": http: server gave HTTP response to HTTPS client',
    fix: /location = "127\.0\.0\.1:5701"\\ninsecure = true/,
  },
  {
    name: "nobody at the registry's address, tried three times",
    builder: "podman",
    args: ["push", "--digestfile", "x", "127.0.0.1:1/t/b:1"],
    output:
      `${COPYING}time="2026-11-21T06:07:58Z" level=warning msg="Failed, retrying in 1s ... (2/3). Error: trying to reuse blob ${BLOB} at destination: pinging container registry 127.0.0.1:1: Get \\"https://127.0.0.1:1/v2/\\": dial tcp 127.0.0.1:1: connect: connection refused"\n${COPYING}Error: trying to reuse blob ${BLOB} at destination: pinging container registry 127.0.0.1:1: Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused\n`,
    message:
      'Cannot push the image as podman refuses: Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    fix: /^curl -I https:\/\/127\.0\.0\.1:1\/v2\//,
  },
  {
    name: "a base image with a short name",
    builder: "podman",
    args: ["build", "/context"],
    output:
      'STEP 1/11: FROM nobody/such:1\nError: creating build container: short-name "nobody/such:1" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"\n',
    message:
      'Cannot build the image as podman refuses: creating build container: short-name "nobody/such:1" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"',
    fix: /^pd build --base-image docker\.io\//,
  },
  {
    name: "a base image whose registry has no address",
    builder: "buildah",
    args: ["build", "/context"],
    output:
      'STEP 1/11: FROM docker.io/nobody/such:1\nTrying to pull docker.io/nobody/such:1...\nError: creating build container: initializing source docker://nobody/such:1: pinging container registry registry-1.docker.io: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host\n',
    message:
      'Cannot build the image as buildah refuses: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
    fix: /^pd build --base-image </,
  },
  {
    name: "no daemon, with what the client says around it",
    builder: "docker",
    args: ["build", "/context"],
    output:
      'DEPRECATED: The legacy builder is deprecated\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\nmsg="Can\'t close tar writer"\n',
    message:
      "Cannot build the image as docker refuses: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    fix: /^systemctl start docker/,
  },
  {
    name: "something that nobody foresaw",
    builder: "docker",
    args: ["build", "/context"],
    output: "Step 1/2 : FROM x\nError response from daemon: no space left on device\n",
    message: "Cannot build the image as docker refuses: no space left on device",
    fix: /^pd build -v/,
  },
];

for (const { name, builder, args, output, message, fix } of REFUSALS) {
  Deno.test(`refusal() tells ${name} in one sentence, with a fix`, () => {
    const error = refusal({ name: builder, args, output });
    assert.equal(error.code, "IMAGE_FAILED");
    assert.equal(error.message, message);
    assert.match(error.fix ?? "", fix);
  });
}

import assert from "node:assert/strict";
import { findEndpoint } from "./endpoint.ts";

const CASES = [
  { name: "the target", driver: "docker", target: "/a/b.sock", want: "/a/b.sock" },
  { name: "a host and port", driver: "docker", target: "box:2376", want: "box:2376" },
  { name: "a host without a port", driver: "docker", target: "box", want: "box:2375" },
  { name: "an IPv6 address", driver: "docker", target: "[::1]:80", want: "::1:80" },
  {
    name: "a socket of DOCKER_HOST",
    driver: "docker",
    env: { DOCKER_HOST: "unix:///d" },
    want: "/d",
  },
  {
    name: "TCP of DOCKER_HOST",
    driver: "docker",
    env: { DOCKER_HOST: "tcp://1.2.3.4:99" },
    want: "1.2.3.4:99",
  },
  { name: "the usual socket", driver: "docker", want: "/var/run/docker.sock" },
  {
    name: "a rootless socket that exists",
    driver: "docker",
    exists: ["/run/user/1000/docker.sock"],
    want: "/run/user/1000/docker.sock",
  },
  { name: "a user's Podman", driver: "podman", want: "/run/user/1000/podman/podman.sock" },
  {
    name: "the machine's Podman",
    driver: "podman",
    exists: ["/run/podman/podman.sock"],
    want: "/run/podman/podman.sock",
  },
  { name: "root's Podman", driver: "podman", uid: 0, want: "/run/podman/podman.sock" },
];

for (const { name, driver, target, env = {}, exists = [], uid = 1000, want } of CASES) {
  Deno.test(`findEndpoint() takes ${name}`, async () => {
    const variables: { readonly [name: string]: string | undefined } = env;
    const endpoint = await findEndpoint({ driver, target }, {
      env: (variable) => variables[variable],
      uid,
      exists: (path) => Promise.resolve(exists.includes(path)),
    });
    const text = endpoint.transport === "unix"
      ? endpoint.path
      : `${endpoint.hostname}:${endpoint.port}`;
    assert.equal(text, want);
  });
}

for (const host of ["ssh://box", "https://box", "tcp://"]) {
  Deno.test(`findEndpoint() refuses ${host}`, async () => {
    const surroundings = { env: () => host, uid: 0, exists: () => Promise.resolve(true) };
    await assert.rejects(findEndpoint({ driver: "docker", target: undefined }, surroundings), {
      code: "DRIVER_INVALID",
    });
  });
}

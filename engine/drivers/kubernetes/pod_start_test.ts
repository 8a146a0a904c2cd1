import assert from "node:assert/strict";
import type { ContainerSpec } from "../driver.ts";
import { startOf } from "./pod_start.ts";
import type { PodStatus } from "./pods.ts";

/** Of a real cluster (Kubernetes 1.36). */
const recorded: readonly { readonly name: string; readonly status: PodStatus }[] = JSON.parse(
  await Deno.readTextFile(new URL("./testdata/pod_statuses.json", import.meta.url)),
);

const SPEC: ContainerSpec = {
  runId: "run",
  name: "step",
  image: "image:1",
  pull: "missing",
  env: {},
  workDir: undefined,
  user: undefined,
  mounts: [],
  limits: {},
  privileged: false,
};

const WANT: { readonly [reason: string]: string } = {
  CreateContainerConfigError: 'TASK_INVALID user: "65534:65534", or k8s://?run_as=65534:65534',
  ImagePullBackOff:
    "IMAGE_UNAVAILABLE Check the image's name, or give the service account an imagePullSecret",
  ErrImageNeverPull: "IMAGE_UNAVAILABLE pull: missing",
  InvalidImageName:
    "IMAGE_UNAVAILABLE Check the image's name, or give the service account an imagePullSecret",
  RunContainerError: "no_program",
  ContainerCreating: "waits",
  "": "waits",
};

for (const { name, status } of recorded) {
  const state = status.containerStatuses?.[0]?.state;
  const reason = state?.running ? "running" : state?.waiting?.reason ?? "";
  // Pods of ours are never started again.
  if (reason === "CrashLoopBackOff") continue;
  Deno.test(`startOf() knows early what becomes of a pod: ${name}, ${reason || "pending"}`, () => {
    const want = reason === "running" ? "running" : WANT[reason];
    let got: string;
    try {
      got = startOf({ metadata: { name: "pod" }, status }, SPEC)?.kind ?? "waits";
    } catch (error) {
      got = `${Reflect.get(Object(error), "code")} ${Reflect.get(Object(error), "fix")}`;
    }
    assert.equal(got, want);
  });
}

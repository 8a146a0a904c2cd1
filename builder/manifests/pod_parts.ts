import type { Container, PodSpec } from "./manifest.ts";

/** "nobody" in distroless images and most others. */
const NOBODY = 65534;

/** What the process of every container may do: nothing that Pod Security `restricted` would refuse. */
export const LOCKED: Container["securityContext"] = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
};

/** Who a pod runs as. With `fsGroup` its process can read the files of a Secret, which are root's. */
export function podIdentity({ fsGroup }: { fsGroup: boolean }): PodSpec["securityContext"] {
  return {
    runAsNonRoot: true,
    runAsUser: NOBODY,
    runAsGroup: NOBODY,
    ...(fsGroup ? { fsGroup: NOBODY } : {}),
    seccompProfile: { type: "RuntimeDefault" },
  };
}

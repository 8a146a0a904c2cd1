import type { DriverAddress } from "../driver_address.ts";
import { DriverError } from "../driver_error.ts";
import { checkDriverParams } from "../parse_driver_address.ts";

/** What an address says besides which cluster. */
export interface Settings {
  readonly namespace: string | undefined;
  /** Of volume claims; the cluster's default when undefined. */
  readonly storageClass: string | undefined;
  readonly access: "ReadWriteOnce" | "ReadWriteMany";
  readonly volumeSize: string;
  /** Has `sh` and `tar`: files go in and out of volumes through it. */
  readonly helperImage: string;
  readonly serviceAccount: string | undefined;
  readonly runtimeClass: string | undefined;
  /** `uid:gid` of steps that name no user. */
  readonly runAs: string | undefined;
  /** After which a pod ends, and its things may be removed by anybody. */
  readonly lifetimeHours: number;
}

/** Digits, and a group of digits. */
export const NUMERIC_USER = /^\d{1,10}(?::\d{1,10})?$/;

const KNOWN = [
  ...["namespace", "storage_class", "access", "volume_size", "helper_image", "service_account"],
  ...["runtime_class", "run_as", "lifetime_hours"],
];

/**
 * The parameters of an address.
 *
 * @throws {DriverError} `DRIVER_INVALID`
 */
export function readSettings(address: DriverAddress): Settings {
  checkDriverParams(address, KNOWN);
  const { params } = address;
  const access = params["access"] ?? "ReadWriteOnce";
  if (access !== "ReadWriteOnce" && access !== "ReadWriteMany") {
    throw invalid("access", access, "access=ReadWriteOnce, or access=ReadWriteMany");
  }
  const lifetimeHours = Number(params["lifetime_hours"] ?? 24);
  if (!(lifetimeHours > 0 && lifetimeHours <= 24 * 365)) {
    throw invalid("lifetime_hours", params["lifetime_hours"] ?? "", "lifetime_hours=24");
  }
  const volumeSize = params["volume_size"] ?? "5Gi";
  if (!/^\d+(?:\.\d+)?(?:[KMGT]i?)?$/.test(volumeSize)) {
    throw invalid("volume_size", volumeSize, "volume_size=10Gi");
  }
  const runAs = params["run_as"];
  if (runAs !== undefined && !NUMERIC_USER.test(runAs)) {
    throw invalid("run_as", runAs, "run_as=65534:65534");
  }
  return {
    namespace: params["namespace"],
    storageClass: params["storage_class"],
    access,
    volumeSize,
    helperImage: params["helper_image"] ?? "docker.io/library/busybox:1.37",
    serviceAccount: params["service_account"],
    runtimeClass: params["runtime_class"],
    runAs,
    lifetimeHours,
  };
}

function invalid(name: string, value: string, fix: string): DriverError {
  return new DriverError(
    "DRIVER_INVALID",
    `Cannot read driver "kubernetes" as ${name} has no such value: ${value.slice(0, 40)}`,
    { fix },
  );
}

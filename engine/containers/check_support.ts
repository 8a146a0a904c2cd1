import { type Capabilities, type Driver, DriverError } from "../drivers/mod.ts";

/** What a step wants of its driver. */
export interface Wants {
  /** For messages: `node "render"`. */
  readonly step: string;
  /** Where its keys stand, for fixes: `nodes.render.limits in workflow.yaml`. */
  readonly placeOf: (key: string) => string;
  readonly image: string | undefined;
  /** `undefined` when the image's own program is to run. */
  readonly command: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly limits?: {
    readonly cpu?: number | undefined;
    readonly memoryBytes?: number | undefined;
    readonly pids?: number | undefined;
  };
  readonly privileged?: boolean;
  readonly hasReadOnlyMount?: boolean;
  readonly hasStdin?: boolean;
  readonly isSandbox?: boolean;
}

/**
 * Refuses what a driver cannot do before anything of a step starts.
 *
 * @throws {DriverError} `NOT_SUPPORTED` that names the driver, the capability and the way out; `TASK_INVALID`
 *   without an image where there must be one
 */
export function checkSupport(driver: Driver, wants: Wants): void {
  const { limits } = wants;
  const asked:
    readonly (readonly [capability: keyof Capabilities, isWanted: boolean, key: string])[] = [
      ["sandbox", wants.isSandbox === true, "startSandbox"],
      ["privileged", wants.privileged === true, "privileged"],
      ["limits", limits?.cpu !== undefined || limits?.memoryBytes !== undefined, "limits"],
      ["processLimit", limits?.pids !== undefined, "limits.pids"],
      ["user", wants.user !== undefined, "user"],
      ["readOnlyMounts", wants.hasReadOnlyMount === true, "mounts"],
      ["stdin", wants.hasStdin === true, "stdin"],
      ["images", wants.command === undefined && wants.isSandbox !== true, "command"],
    ];
  for (const [capability, isWanted, key] of asked) {
    if (isWanted && !driver.capabilities[capability]) {
      throw notSupported(driver, wants, capability, key);
    }
  }
  if (wants.image === undefined && driver.capabilities.images) {
    throw new DriverError(
      "TASK_INVALID",
      `Cannot start ${wants.step} as driver "${driver.name}" runs images: none is named`,
      { fix: `Set ${wants.placeOf("image")} to one, such as docker.io/library/alpine:3` },
    );
  }
}

function notSupported(
  driver: Driver,
  { step, placeOf }: Wants,
  capability: keyof Capabilities,
  key: string,
): DriverError {
  const why = driver.gaps[capability];
  const isCommand = capability === "images";
  return new DriverError(
    "NOT_SUPPORTED",
    `Cannot start ${step} as driver "${driver.name}" lacks the capability "${capability}"` +
      (isCommand ? ", and no command is given" : ` that "${key}" needs`) +
      (why === undefined ? "" : `: ${why}`),
    {
      fix: `${isCommand ? "Set" : "Remove"} ${placeOf(key)}, or use a driver that has it, ` +
        "such as --driver docker",
    },
  );
}

/** A driver whose volumes belong to one container at a time cannot run a second step beside it. */
export function refuseSharing(driver: Driver, step: string): DriverError {
  return new DriverError(
    "NOT_SUPPORTED",
    `Cannot start ${step} as driver "${driver.name}" lacks the capability "sharedVolumes": ` +
      "another step uses the workspace at this moment",
    {
      fix:
        "Run the steps one after another (depends_on, or await each), or use a driver that has it, " +
        "such as --driver docker",
    },
  );
}

/** Where containers run: one contract, its drivers by address, and what they can do. */
export type { Capabilities, Gaps } from "./capabilities.ts";
export { DRIVER_NAMES, type DriverEntry, DRIVERS } from "./catalog.ts";
export {
  type CollectedFile,
  type ContainerSpec,
  type Driver,
  type ExecSpec,
  type Limits,
  type Mount,
  type Sandbox,
  type SandboxSpec,
  type TaskFile,
  type TaskIo,
  type TaskResult,
  type TaskSpec,
  type Volume,
  type VolumeRequest,
  WORKSPACE_PATH,
  WORKSPACE_VOLUME,
} from "./driver.ts";
export type { DriverAddress } from "./driver_address.ts";
export { DriverError, type DriverErrorCode } from "./driver_error.ts";
export { openDriver } from "./open_driver.ts";
export type { OpenDriver, OpenDriverOptions } from "./open_options.ts";
export { describeDriverAddress, parseDriverAddress } from "./parse_driver_address.ts";

/**
 * What a driver can do beyond running commands. Checked before anything starts; where it is `false` the table
 * in docs/reference/drivers.md says why.
 */
export interface Capabilities {
  /** It runs images; otherwise programs of the host. */
  readonly images: boolean;
  /** What runs cannot see or change the host. */
  readonly isolation: boolean;
  /** Containers that stay, with `exec`. */
  readonly sandbox: boolean;
  /** `limits` are enforced. */
  readonly limits: boolean;
  /** `limits.pids` is enforced. */
  readonly processLimit: boolean;
  readonly privileged: boolean;
  /** `user` is obeyed. */
  readonly user: boolean;
  /** Several tasks may use one volume at the same time. */
  readonly sharedVolumes: boolean;
  /** Mounts appear at their absolute path; otherwise only the workspace, as the working directory, and `PD_MOUNT_…` variables. */
  readonly absolutePaths: boolean;
  readonly readOnlyMounts: boolean;
  readonly stdin: boolean;
}

/** A reason for each capability that a driver lacks: half a sentence that goes behind "no:". */
export type Gaps = { readonly [capability in keyof Capabilities]?: string };

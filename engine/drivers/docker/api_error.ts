/** The daemon answered a request with an error. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Whether the daemon said that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Whether the daemon said that something stands in the way. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError &&
    // Podman has no status of its own for a name that is taken.
    (error.status === 409 || error.status === 500 && /name is already in use/.test(error.message));
}

/** A driver's DSN, read: `name[://target][?key=value&…]`, or the older `name:key=value,…`. */
export interface DriverAddress {
  /** As in the catalogue: `podman` is `docker` with another socket. */
  readonly driver: string;
  /** What follows `://`, without the parameters; a socket's path, a context's name. */
  readonly target: string | undefined;
  readonly params: { readonly [key: string]: string };
  /** As it was written, for messages. It may hold secrets of a cache store: parameters are not shown. */
  readonly text: string;
}

import type { Socket } from "node:net";
import { NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";

/**
 * The library's transport, whose sockets always have somebody who listens to their `error`.
 *
 * A socket that the server resets is destroyed at once and tells its `error` later. In between the library may
 * take all listeners off it, as it does with every socket that it closes (`_closed` and `discard` of
 * `@nats-io/transport-node` 3.4): where credentials are refused, in one of four cases. An `error` that nobody
 * listens to ends the process.
 */
export class GuardedTransport extends NodeTransport {
  constructor() {
    super();
    let current: Socket | undefined;
    // The library declares a field, which no accessor of a class may override.
    Object.defineProperty(this, "socket", {
      get: () => current,
      set(socket: Socket | undefined) {
        current = socket;
        if (socket !== undefined) keepListening(socket);
      },
    });
  }

  /** Lets go of the socket of a server that never said a word, too: the library would keep it open. */
  override close(error?: Error): Promise<void> {
    if (!this.connected) this.discard();
    return super.close(error);
  }
}

function keepListening(socket: Socket): void {
  const { removeAllListeners } = socket;
  // It counts its arguments: one that is undefined is not none.
  socket.removeAllListeners = (...event) => {
    removeAllListeners.apply(socket, event);
    if (socket.listenerCount("error") === 0) socket.on("error", ignore);
    return socket;
  };
  socket.on("error", ignore);
}

/** The end of the connection tells what ended it. */
function ignore(): void {}

/** A light client of the Kubernetes API: kubeconfig, requests, watches, and commands in containers. */
export { ApiClient, type ApiRequest } from "./client.ts";
export { type Cluster, type Credentials, type FindCluster, findCluster } from "./cluster.ts";
export { type ExecRequest, type ExecStreams, openExec } from "./exec_socket.ts";
export { KubernetesError, type KubernetesErrorCode, type StatusCause } from "./kubernetes_error.ts";
export { watch, type WatchEvent } from "./watch.ts";
export { type ByteConnection, WebSocketConnection } from "./web_socket.ts";
export { statusError } from "./status_error.ts";

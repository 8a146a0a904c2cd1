/** Which runs of a workflow go on at once, which wait, and which give way: a policy without I/O. */
export { isQueueFull } from "./is_queue_full.ts";
export { partitionOf } from "./partition_of.ts";
export { QueueFullError } from "./queue_full_error.ts";
export {
  type Moves,
  type Offer,
  type OfferedRun,
  type QueueStats,
  type RestoredRun,
  RunQueue,
} from "./run_queue.ts";

/** Queue triggers: messages of NATS start runs. Loaded only when a workflow has such a trigger. */
export type { DeadLetterPlace } from "./dead_letter_subject.ts";
export {
  type DeadLetter,
  type DeadLetterBox,
  type DeadLetterBoxOptions,
  openDeadLetterBox,
} from "./dead_letter_box.ts";
export { openQueueTrigger, type QueueTriggerOptions } from "./open_queue_trigger.ts";
export { dial, type DialOptions } from "./dial.ts";
export type { NatsCredentials, NatsSettings } from "./nats_settings.ts";

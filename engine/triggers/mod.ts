/** What starts runs: schedules, messages, webhooks. */
export { type CronSchedule, nextTicks, openCronSchedule } from "./cron_schedule.ts";
export { type OpenTriggers, openTriggers, type OpenTriggersOptions } from "./open_triggers.ts";
export type { StartedRun, Trigger, TriggeredStart, TriggerHost, TriggerMetric } from "./trigger.ts";
export { cronTriggers, type NamedCronTrigger } from "./cron_triggers.ts";
export type { Reception, WebhookTrigger } from "./webhook.ts";
export type { DeadLetter, DeadLetterBox, DeadLetterPlace } from "./nats/mod.ts";
export { openDeadLetters } from "./open_dead_letters.ts";
export { keepTriggers, type KeepTriggersOptions, type KeptTriggers } from "./keep_triggers.ts";
export { loadWebhookSchemes, type WebhookSchemes } from "./load_webhook_schemes.ts";
export type { Delivery } from "./webhook/mod.ts";
export { triggerNames } from "./trigger_names.ts";
export {
  forgetMissed,
  openScheduleTrigger,
  type ScheduleTriggerOptions,
} from "./schedule_trigger.ts";

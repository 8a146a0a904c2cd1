import * as z from "zod";
import { cronFlaw } from "./cron_expression.ts";
import { choice, count, duration, oneOrMany, text } from "./fields.ts";
import { secretNameFlaw, subjectFlaw, tokenFlaw, webhookPathFlaw } from "./text_rules.ts";
import { timeZoneFlaw } from "./time_zone.ts";

const name = text({
  about: 'Name of the trigger; reaches root nodes as {"trigger": "<name>"}',
  example: "daily",
}).optional();

const manual = z.strictObject({
  type: z.literal("manual").meta({ description: "Started by hand: pd run, or POST /run" }),
  name,
}).meta({ description: "Starts a run by hand" });

const cron = z.strictObject({
  type: z.literal("cron").meta({ description: "Started by the clock" }),
  name,
  schedule: text({
    about: "Cron expression: five fields, six with seconds in front, or an alias such as @daily",
    example: '"0 9 * * *"',
    noun: "a cron expression",
    check: cronFlaw,
  }),
  timezone: text({
    about: "IANA time zone of the schedule. Default: UTC",
    example: "Europe/Berlin",
    noun: "an IANA time zone",
    check: timeZoneFlaw,
  }).optional(),
  overlap: choice("When the last run is still going. Default: forbid", [
    "forbid",
    "allow",
    "replace",
  ]).optional(),
  catch_up: choice("What to do about ticks missed while nothing ran. Default: none", [
    "none",
    "last",
    "all",
  ]).optional(),
  window: duration("How far back catch_up looks. Default: 24h", "24h", {
    max: Number.MAX_SAFE_INTEGER,
  }).optional(),
  jitter: duration("Longest random delay of a tick. Default: 0s", "30s").optional(),
}).meta({ description: "Starts a run by the clock" });

const subject = text({
  about: "Subject to listen on; * stands for a word, a last > for the rest",
  example: "orders.created",
  noun: "a subject such as orders.created",
  check: (value) => subjectFlaw(value, { wildcards: true }),
});

const queue = z.strictObject({
  type: z.literal("queue").meta({ description: "Started by a message from NATS" }),
  name,
  subject: subject.optional(),
  subjects: z.array(subject).min(1).meta({ description: "Several subjects, in place of subject" })
    .optional(),
  queue_group: text({
    about: "Each message reaches one member of the group",
    example: "workers",
    check: tokenFlaw,
  }).optional(),
  stream: text({
    about: "JetStream stream; without it the messages come from core NATS",
    example: "ORDERS",
    check: tokenFlaw,
  }).optional(),
  durable: text({
    about: "Name of the durable JetStream consumer",
    example: "orders-worker",
    check: tokenFlaw,
  }).optional(),
  max_deliver: count("Deliveries before a message is a dead letter. Default: 5", 5, { min: 1 })
    .optional(),
  dead_letter: text({
    about: "Subject for messages that were given up. Default: <subject>.dlq",
    example: "orders.dlq",
    check: (value) => subjectFlaw(value, { wildcards: false }),
  }).optional(),
  max_in_flight: count("Messages worked on at the same time. Default: 16", 16, { min: 1 })
    .optional(),
  rate_limit: z.number().positive().max(1_000_000).meta({
    description: "Most runs started per second. Default: no limit",
    examples: [10],
  }).optional(),
}).meta({ description: "Starts a run for each message of a NATS subject" });

const webhook = z.strictObject({
  type: z.literal("webhook").meta({ description: "Started by an HTTP call of another system" }),
  name,
  path: text({
    about: "Begins with /; the hook answers at /hooks<path>",
    example: "/github",
    noun: "a path such as /github",
    check: webhookPathFlaw,
  }),
  verify: choice("How the sender proves itself; needs secret", [
    "github",
    "gitlab",
    "slack",
    "stripe",
    "hmac",
    "token",
  ]).optional(),
  secret: text({
    about: "Secret that verify checks with, by name: service.key",
    example: "github.webhook_secret",
    check: secretNameFlaw,
  }).optional(),
  events: oneOrMany(
    "Only these events start a run. Default: all",
    text({ about: "Name of an event, as the sender writes it", example: "push" }),
  ).optional(),
  tolerance: duration("Oldest timestamp that is accepted. Default: 5m", "5m", { min: 1_000 })
    .optional(),
}).meta({ description: "Starts a run for each verified call at /hooks<path>" });

/** One entry of `triggers`. */
export const triggerSchema = z.discriminatedUnion("type", [manual, cron, queue, webhook]);

import * as z from "zod";
import { cronFlaw } from "./cron_expression.ts";
import { choice, count, described, duration, oneOrMany, text } from "./fields.ts";
import { secretNameFlaw, subjectFlaw, tokenFlaw, webhookPathFlaw } from "./text_rules.ts";
import { timeZoneFlaw } from "./time_zone.ts";

function name() {
  return text({
    about: 'Name of the trigger; reaches root nodes as {"trigger": "<name>"}',
    example: "daily",
  }).optional();
}

function manual() {
  return described(
    z.strictObject({
      type: described(z.literal("manual"), "Started by hand: pd run, or POST /run"),
      name: name(),
    }),
    "Starts a run by hand",
  );
}

function cron() {
  return described(
    z.strictObject({
      type: described(z.literal("cron"), "Started by the clock"),
      name: name(),
      schedule: text({
        about:
          "Cron expression: five fields, six with seconds in front, or an alias such as @daily",
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
    }),
    "Starts a run by the clock",
  );
}

function queue() {
  const subject = text({
    about: "Subject to listen on; * stands for a word, a last > for the rest",
    example: "orders.created",
    noun: "a subject such as orders.created",
    check: (value) => subjectFlaw(value, { wildcards: true }),
  });
  return described(
    z.strictObject({
      type: described(z.literal("queue"), "Started by a message from NATS"),
      name: name(),
      subject: subject.optional(),
      subjects: described(z.array(subject).min(1), "Several subjects, in place of subject")
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
      rate_limit: described(
        z.number().positive().max(1_000_000),
        "Most runs started per second. Default: no limit",
        { examples: [10], noun: "a number above 0" },
      ).optional(),
    }),
    "Starts a run for each message of a NATS subject",
  );
}

function webhook() {
  return described(
    z.strictObject({
      type: described(z.literal("webhook"), "Started by an HTTP call of another system"),
      name: name(),
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
    }),
    "Starts a run for each verified call at /hooks<path>",
  );
}

/** The kinds of trigger, by `type`. Each is made when a file first has it: start-up pays for no other. */
export const TRIGGER_KINDS = {
  manual: z.lazy(manual),
  cron: z.lazy(cron),
  queue: z.lazy(queue),
  webhook: z.lazy(webhook),
};

/** One entry of `triggers`. */
export const triggerSchema = z.union([
  TRIGGER_KINDS.manual,
  TRIGGER_KINDS.cron,
  TRIGGER_KINDS.queue,
  TRIGGER_KINDS.webhook,
]);

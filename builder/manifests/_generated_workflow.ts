import type { CodeNodeSpec, NodeSpec, TriggerSpec, WorkflowSpec } from "../../engine/spec/mod.ts";
import type { ManifestOptions } from "./mod.ts";

/** A workflow and options that are valid together, drawn from a seed. */
export interface Generated {
  readonly spec: WorkflowSpec;
  readonly options: ManifestOptions;
}

const HOSTS = [
  ...["api.example.com", "db.internal:5432", "127.0.0.1", "10.1.2.3:8443", "[::1]:80", "[fd00::5]"],
  ...["localhost", "a.b.c.d.example", "xn--bcher-kva.example:65535"],
];
const SCHEDULES = ["* * * * *", "0 9 * * 1-5", "*/5 0-6 1,15 JAN-MAR 7", "@daily", "0 0 * * 5-7"];
const ZONES = ["UTC", "Europe/Berlin", "america/new_york", "Asia/Kolkata"];
const VERSIONS = [
  "1.0",
  "0.0",
  "1.2.3",
  "10.20.30-rc.1",
  `1.0.0-${"a".repeat(80)}`,
  "2.0.0+build.7",
];
const WORDS = ["daily", "y", "0123", "null", "a b", 'quo"te', "€ $(HOME) `id`", "#x", "-", "1e3"];
const DAY_MS = 86_400_000;

/** Draws a workflow. Equal seeds give equal workflows. */
export function generate(seed: number): Generated {
  const random = mulberry(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const maybe = (chance = 0.5): boolean => random() < chance;
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const crons = maybe() ? upTo(12) : upTo(1);
  const longest = crons === 0 ? 63 : crons === 1 ? 47 : crons <= 10 ? 45 : 44;
  const hasHook = maybe(0.3);
  const spec: WorkflowSpec = {
    name: `w${pick(["", "-1", "x".repeat(longest - 1), "-a-b-c"])}`,
    version: pick(VERSIONS),
    description: maybe() ? pick(WORDS) : undefined,
    triggers: [
      ...Array.from({ length: crons }, (_, index): TriggerSpec => ({
        type: "cron",
        name: maybe() ? `${pick(WORDS)}-${index}` : undefined,
        schedule: pick(SCHEDULES),
        timezone: pick(ZONES),
        overlap: pick(["forbid", "allow", "replace"] as const),
        catchUp: pick(["none", "last", "all"] as const),
        catchUpWindowMs: upTo(3) * DAY_MS + 500,
        jitterMs: upTo(1) * 1000,
      })),
      ...(maybe(0.3) ? [queue()] : []),
      ...(hasHook ? [webhook()] : []),
    ],
    inputs: {},
    services: {},
    nodes: Array.from({ length: 1 + upTo(5) }, (_, index) => node(`n${index}`)),
    edges: [],
    config: {
      execution: "staged",
      maxOutputBytes: 1,
      natsUrl: maybe() ? "nats://nats.example:4222, tls://10.0.0.9" : undefined,
      cron: maybe(0.2) ? "engine" : "cronjob",
      queue: {
        concurrency: undefined,
        limit: undefined,
        strategy: "append",
        partitionLimit: 1,
        key: undefined,
        interrupt: false,
        startDelayMs: 0,
      },
      retention: { periodMs: DAY_MS, count: undefined },
      values: maybe(0.3) ? { cron_image: pick(["self", "mirror.example:5000/curl:8"]) } : {},
    },
  };
  const options: ManifestOptions = {
    image: pick(["hello:1", "registry.example.com:5000/team/hello:1.0", "localhost/hello"]),
    ...(maybe() ? { imageDigest: `sha256:${"0a".repeat(32)}` } : {}),
    ...(maybe() ? { namespace: pick(["pipedreamer", "y"]) } : {}),
    ...(maybe() ? { runtimeClass: pick(["", "kata"]) } : {}),
    ...(maybe() ? { secrets: { github: { token: pick(WORDS) }, "a.b": { value: "x" } } } : {}),
    ...(hasHook && maybe() ? { ingress: { host: "hooks.example.com" } } : {}),
  };
  return { spec, options };

  function node(id: string): NodeSpec {
    const base: CodeNodeSpec = {
      kind: "code",
      id,
      path: `./${id}.ts`,
      permissions: maybe(0.8)
        ? {
          net: maybe(0.9) ? HOSTS.filter(() => maybe(0.3)) : ["*"],
          read: undefined,
          write: undefined,
          secrets: maybe() ? ["github"] : undefined,
        }
        : undefined,
      isolation: pick(["process", "none"] as const),
      memoryBytes: pick([128, 512, 1000]) * 1024 ** 2,
      container: undefined,
      description: undefined,
      timeoutMs: upTo(3) * 600_000 + 1,
      retry: {
        maxAttempts: 1 + upTo(3),
        initialIntervalMs: 1,
        backoff: 2,
        maxIntervalMs: 30_000,
        jitter: true,
      },
      allowFailure: false,
      onLost: "retry",
      config: {},
    };
    return base;
  }
}

function queue(): TriggerSpec {
  return {
    type: "queue",
    name: undefined,
    subjects: ["orders.created"],
    queueGroup: undefined,
    stream: undefined,
    durable: undefined,
    maxDeliver: 5,
    deadLetter: undefined,
    maxInFlight: 16,
    rateLimit: undefined,
  };
}

function webhook(): TriggerSpec {
  return {
    type: "webhook",
    name: undefined,
    path: "/github",
    verify: "github",
    secret: "github.webhook_secret",
    events: undefined,
    toleranceMs: 1,
  };
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

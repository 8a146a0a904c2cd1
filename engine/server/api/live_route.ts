import { z } from "zod";
import { mayDo } from "../../auth/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import type { Clock } from "../../clock/mod.ts";
import { HEARTBEAT_MS } from "../event_stream.ts";
import { STREAM_HEADERS } from "../runs_routes.ts";
import type { ApiContext } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { type Change, RunFeed } from "./run_feed.ts";

/** Changes of one moment come together. */
const GATHER_MS = 50;
/** A viewer that is further behind than this looks at everything again. */
const MAX_PENDING = 1000;

/** `GET /events`: what changes on this server, for whoever watches. */
export function liveRoute(context: ApiContext): AnyApiRoute {
  const feed = new RunFeed(context.registry);
  return defineRoute({
    method: "GET",
    path: "/events",
    id: "watch",
    tag: "Live",
    scope: "read",
    summary: "Changes of all runs as server-sent events",
    description:
      "`run`: a run as the list shows it, whenever it was accepted, began or ended. `workflows`: some came, went or changed. `reset`: too much has changed since the viewer read last; list again. A slow viewer gets the latest state of each run, not each state.",
    query: z.strictObject({
      workflow: z.array(z.string().min(1)).optional().meta({ description: "Only runs of these" }),
    }),
    answers: {
      200: { description: "A stream", others: { "text/event-stream": "data: one line of JSON" } },
    },
    handle({ principal, query: { workflow } }) {
      const isShown = ({ name }: RegisteredWorkflow) =>
        mayDo(principal, "read", name) && (workflow?.includes(name) ?? true);
      return new Response(liveStream({ feed, isShown, ...context }), { headers: STREAM_HEADERS });
    },
  });
}

function liveStream({ feed, isShown, registry, clock }: {
  readonly feed: RunFeed;
  readonly registry: Pick<Registry, "onChange">;
  readonly clock: Clock;
  isShown(entry: RegisteredWorkflow): boolean;
}): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let pending = new Map<string, Change>();
  let hasNewWorkflows = false;
  let isBehind = false;
  let isGreeted = false;
  let isLeft = false;
  let wake = (): void => {};

  const stops = [
    feed.watch((change) => {
      if (isBehind || !isShown(change.entry)) return;
      // The newest change is the last.
      pending.delete(change.runId);
      pending.set(change.runId, change);
      if (pending.size > MAX_PENDING) {
        pending = new Map();
        isBehind = true;
      }
      wake();
    }),
    registry.onChange(() => {
      hasNewWorkflows = true;
      wake();
    }),
  ];

  function isQuiet(): boolean {
    return pending.size === 0 && !hasNewWorkflows && !isBehind;
  }

  /** Resolves after a change, or after a silence; at once when somebody left. */
  function untilChanged(): Promise<void> {
    if (!isQuiet() || isLeft) return Promise.resolve();
    return new Promise((resolve) => {
      const stopTimer = clock.after(HEARTBEAT_MS, () => resolve());
      wake = () => {
        stopTimer();
        resolve();
      };
    });
  }

  function gathered(): Promise<void> {
    if (isLeft) return Promise.resolve();
    return new Promise((resolve) => {
      const stopTimer = clock.after(GATHER_MS, () => resolve());
      wake = () => {
        if (!isLeft) return;
        stopTimer();
        resolve();
      };
    });
  }

  function take(): string {
    let text = "";
    if (isBehind) text += "event: reset\ndata: {}\n\n";
    if (hasNewWorkflows) text += "event: workflows\ndata: {}\n\n";
    for (const change of pending.values()) text += change.text;
    isBehind = hasNewWorkflows = false;
    pending = new Map();
    return text;
  }

  return new ReadableStream({
    async pull(controller) {
      if (!isGreeted) {
        isGreeted = true;
        return controller.enqueue(encoder.encode("retry: 1000\n\n: watching\n\n"));
      }
      await untilChanged();
      if (isQuiet()) {
        if (!isLeft) controller.enqueue(encoder.encode(": still here\n\n"));
        return;
      }
      await gathered();
      if (!isLeft) controller.enqueue(encoder.encode(take()));
    },
    cancel() {
      isLeft = true;
      for (const stop of stops) stop();
      wake();
    },
  }, { highWaterMark: 0 });
}

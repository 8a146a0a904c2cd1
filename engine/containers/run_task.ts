import type { TaskResult, TaskSpec } from "../drivers/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { AskContext } from "./ask_context.ts";
import type { TaskAnswer } from "./asks.ts";
import { checkSupport } from "./check_support.ts";
import { STOP_GRACE_MS } from "./engine_parts.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { keptTexts } from "./kept_texts.ts";
import { lookupSecrets } from "./lookup_secrets.ts";
import { mountsOf } from "./mounts_of.ts";
import { orAborted, runCommand } from "../programs/mod.ts";
import type { Place } from "./place.ts";
import type { readTaskAsk } from "./read_asks.ts";
import { stepEnv } from "./step_env.ts";
import { timeoutOf } from "./task_timeout.ts";
import type { Entered } from "./workspaces.ts";

type Ask = ReturnType<typeof readTaskAsk>;

/**
 * `runtime.run`: a container of its own. One that was answered before, in this attempt or before the run was
 * taken up again, gets the same answer if it asks the same. Only what failed earlier in this very process is run
 * again, as that is what a retry is for.
 */
export async function runTask(ctx: AskContext, ask: Ask): Promise<JsonValue> {
  const { call, scope, signal, parts } = ctx;
  signal.throwIfAborted();
  const task = `${ask.index}-${ask.name}`;
  const fingerprint = await fingerprintOf(ctx.asked.params);
  const known = call.tasks.get(task);
  const failedKey = `${call.node.id}\n${task}`;
  if (known?.fingerprint === fingerprint) {
    const failedIn = scope.failedTasks.get(failedKey) ?? call.attempt;
    if (known.code === 0 || failedIn >= call.attempt) return known.answer;
  } else if (known !== undefined) {
    call.onLog({
      level: "warn",
      message: `Step "${ask.name}" runs again, as it is not what it was when it was done before`,
    });
  }
  const env = lookupSecrets(ask.env, ctx.secrets, `step "${ask.name}"`);
  const place = await ctx.place();
  checkSupport(place.driver, {
    step: `step "${ask.name}"`,
    placeOf: (key) => `"${key}" of runtime.run()`,
    image: ask.image,
    command: ask.command,
    user: ask.user,
    limits: ask.limits,
    privileged: ask.privileged,
    hasStdin: ask.stdin !== undefined,
  });
  const entered = await scope.enter(place, call, signal);
  const startedAt = parts.clock.monotonic();
  const answer = await execute(ctx, ask, { place, entered, env });
  const { code } = answer;
  if (code !== 0) scope.failedTasks.set(failedKey, call.attempt);
  const durationMs = Math.round(parts.clock.monotonic() - startedAt);
  await call.tasks.add({
    task,
    fingerprint,
    name: ask.name,
    code,
    durationMs,
    answer: { ...answer },
  });
  return { ...answer };
}

interface Prepared {
  readonly place: Place;
  readonly entered: Entered;
  readonly env: { readonly [name: string]: string };
}

async function execute(ctx: AskContext, ask: Ask, prepared: Prepared): Promise<TaskAnswer> {
  const { scope, signal } = ctx;
  const { place, entered } = prepared;
  let spec: TaskSpec;
  try {
    spec = await orAborted(specOf(ctx, ask, prepared), signal);
  } catch (error) {
    entered.leave();
    throw error;
  }
  return await answerOf(ctx, ask, {
    start: (io) => place.driver.run(spec, io),
    onSettled(settled) {
      scope.track(settled);
      void settled.then(() => entered.leave());
    },
  });
}

/** What `runtime.run` and `sandbox.exec` have in common of what they ask. */
interface Execution {
  readonly name: string;
  readonly stdin: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly wantsOutput: boolean;
}

/** Runs a command and makes the answer of it. */
export async function answerOf(
  ctx: AskContext,
  { name, stdin, timeoutMs, wantsOutput }: Execution,
  { start, onSettled }: {
    readonly start: Parameters<typeof runCommand>[0];
    onSettled(settled: Promise<void>): void;
  },
): Promise<TaskAnswer> {
  const stdout = ctx.stepPipe("stdout", name, wantsOutput);
  const stderr = ctx.stepPipe("stderr", name, wantsOutput);
  const running = runCommand(start, {
    signals: [ctx.signal],
    stdout,
    stderr,
    stdin,
    clock: ctx.parts.clock,
    timeout: timeoutOf(`step "${name}"`, timeoutMs),
  });
  onSettled(running.settled);
  const { code }: TaskResult = await running.result;
  return {
    status: code === 0 ? "succeeded" : "failed",
    code,
    ...keptTexts({ stdout, stderr }, ctx.parts.maxOutputBytes),
  };
}

async function specOf(ctx: AskContext, ask: Ask, prepared: Prepared): Promise<TaskSpec> {
  const { call, scope } = ctx;
  const { place: { driver }, place, entered, env } = prepared;
  const mounts = await mountsOf(scope, place, { workspace: entered.volume, named: ask.mounts });
  return {
    runId: scope.id,
    id: `${call.node.id}-${call.attempt}-${ask.index}-${ask.name}`,
    name: ask.name,
    image: driver.capabilities.images ? ask.image : undefined,
    pull: "missing",
    command: ask.command,
    env: stepEnv(call, env, { driver, mounts }),
    workDir: ask.workDir,
    user: ask.user,
    mounts,
    limits: ask.limits,
    privileged: ask.privileged,
    killGraceMs: STOP_GRACE_MS,
  };
}

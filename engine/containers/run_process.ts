import { DriverError, type Mount, type Sandbox, type TaskResult } from "../drivers/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type AskContext, MAX_ANSWER_BYTES } from "./ask_context.ts";
import type { ProcessAnswer, ProcessAsk } from "./asks.ts";
import { checkSupport } from "./check_support.ts";
import { STOP_GRACE_MS } from "./engine_parts.ts";
import { keptTexts } from "./kept_texts.ts";
import { mountsOf } from "./mounts_of.ts";
import { orAborted, OutputPipe, runCommand } from "../programs/mod.ts";
import type { Place } from "./place.ts";
import { stepEnv } from "./step_env.ts";
import { timeoutOf } from "./task_timeout.ts";

/** `process.run`: a command in the container that the node keeps for its image. */
export async function runProcess(ctx: AskContext, ask: ProcessAsk): Promise<JsonValue> {
  const { call, scope, parts, signal } = ctx;
  const node = call.node.id;
  signal.throwIfAborted();
  const place = await ctx.place();
  const image = imageOf(ctx, ask, place);
  const command = [ask.command, ...ask.args];
  checkSupport(place.driver, {
    step: `"${ask.command}" of node "${node}"`,
    placeOf: (key) =>
      key === "image" ? `nodes.${node}.container or config.container in workflow.yaml` : `"${key}"`,
    image,
    command,
    hasStdin: ask.stdin !== undefined,
  });
  const entered = await scope.enter(place, call, signal);
  let sandbox: Sandbox | undefined;
  let mounts: readonly Mount[];
  try {
    mounts = await mountsOf(scope, place, { workspace: entered.volume, named: [] });
    sandbox = await orAborted(keptContainer(ctx, place, { image, mounts }), signal);
  } catch (error) {
    entered.leave();
    throw error;
  }
  const pipe = (level: ProcessAsk["stdoutLevel"]) =>
    new OutputPipe({
      redactor: parts.redactor,
      keepBytes: MAX_ANSWER_BYTES,
      onLine: (message) => call.onLog({ level, message, fields: { command: ask.command } }),
    });
  const stdout = pipe(ask.stdoutLevel);
  const stderr = pipe(ask.stderrLevel);
  const running = runCommand((io): Promise<TaskResult> => {
    if (sandbox !== undefined) {
      return sandbox.exec({ command, env: ask.env, workDir: ask.cwd, user: undefined }, io);
    }
    return place.driver.run({
      ...containerOf(ctx, place, { image, mounts }),
      id: `${node}-${call.attempt}-${scope.nextId()}`,
      command,
      env: stepEnv(call, ask.env, { driver: place.driver, mounts }),
      workDir: ask.cwd,
      killGraceMs: STOP_GRACE_MS,
    }, io);
  }, {
    signals: [signal],
    stdout,
    stderr,
    stdin: ask.stdin,
    clock: parts.clock,
    timeout: timeoutOf(`"${ask.command}" of node "${node}"`, ask.timeoutMs),
  });
  scope.track(running.settled);
  void running.settled.then(() => entered.leave());
  const { code } = await running.result.finally(() => {
    if (sandbox !== undefined) ctx.closeAfterCall(keyOf(ctx, place, image));
  });
  const answer: ProcessAnswer = {
    exitCode: code,
    ...keptTexts({ stdout, stderr }, parts.maxOutputBytes),
  };
  return { ...answer };
}

interface Shape {
  readonly image: string | undefined;
  readonly mounts: readonly Mount[];
}

/** Images in which nothing can wait for commands. */
const UNKEEPABLE: ReadonlySet<string> = new Set(["NOT_SUPPORTED", "TASK_INVALID"]);

/** The container that the attempt keeps for the image; `undefined` where none can be kept. */
async function keptContainer(
  ctx: AskContext,
  place: Place,
  shape: Shape,
): Promise<Sandbox | undefined> {
  const { call, scope } = ctx;
  const { driver } = place;
  const { sandbox, sharedVolumes } = driver.capabilities;
  const imageKey = `${place.key}\n${shape.image ?? ""}`;
  if (!sandbox || !sharedVolumes || scope.unkeepable.has(imageKey)) return undefined;
  try {
    return await scope.standing.get(
      keyOf(ctx, place, shape.image),
      place.key,
      () =>
        driver.startSandbox({
          ...containerOf(ctx, place, shape),
          id: `${call.node.id}-${call.attempt}-${scope.nextId()}`,
          env: stepEnv(call, {}, { driver, mounts: shape.mounts }),
          workDir: undefined,
        }, scope.signal),
    );
  } catch (error) {
    if (!(error instanceof DriverError) || !UNKEEPABLE.has(error.code)) throw error;
    scope.unkeepable.add(imageKey);
    return undefined;
  }
}

function keyOf({ call }: AskContext, place: Place, image: string | undefined): string {
  return `process\n${call.node.id}\n${call.attempt}\n${place.key}\n${image ?? ""}`;
}

/** What a container for commands is, whether it stays or not. */
function containerOf(ctx: AskContext, place: Place, { image, mounts }: Shape) {
  return {
    runId: ctx.scope.id,
    name: ctx.call.node.id,
    image: place.driver.capabilities.images ? image : undefined,
    pull: "missing",
    user: undefined,
    mounts,
    limits: {},
    privileged: false,
  } as const;
}

/** The innermost `ctx.container.run`, the node's `container:`, `config.container`. */
function imageOf(ctx: AskContext, ask: ProcessAsk, place: Place): string | undefined {
  if (!place.driver.capabilities.images) return undefined;
  const { spec } = ctx.call.node;
  return ask.image ?? (spec.kind === "code" ? spec.container : undefined) ??
    ctx.config("container");
}

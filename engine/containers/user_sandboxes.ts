import type { Sandbox } from "../drivers/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { AskContext } from "./ask_context.ts";
import type { ExecAsk } from "./asks.ts";
import { checkSupport } from "./check_support.ts";
import { lookupSecrets } from "./lookup_secrets.ts";
import { mountsOf } from "./mounts_of.ts";
import { orAborted } from "../programs/mod.ts";
import type { readSandboxAsk } from "./read_asks.ts";
import { answerOf } from "./run_task.ts";
import { stepEnv } from "./step_env.ts";

type Ask = ReturnType<typeof readSandboxAsk>;

/** `runtime.startSandbox`: a container that stays until it is closed, its call is over, or its run. */
export async function startUserSandbox(ctx: AskContext, ask: Ask): Promise<JsonValue> {
  const { call, scope, signal } = ctx;
  signal.throwIfAborted();
  const step = `sandbox "${ask.name}"`;
  const env = lookupSecrets(ask.env, ctx.secrets, step);
  const place = await ctx.place();
  const { driver } = place;
  checkSupport(driver, {
    step,
    placeOf: (key) => `"${key}" of runtime.startSandbox()`,
    image: ask.image,
    command: undefined,
    user: ask.user,
    limits: ask.limits,
    privileged: ask.privileged,
    isSandbox: true,
  });
  const number = scope.nextId();
  const key = keyOf(ctx, number);
  const entered = await scope.enter(place, call, signal);
  const starting = scope.standing.get(key, place.key, async (): Promise<Sandbox> => {
    const mounts = await mountsOf(scope, place, { workspace: entered.volume, named: ask.mounts });
    return await driver.startSandbox({
      runId: scope.id,
      id: `${call.node.id}-${call.attempt}-${number}`,
      name: ask.name,
      image: driver.capabilities.images ? ask.image : undefined,
      pull: "missing",
      env: stepEnv(call, env, { driver, mounts }),
      workDir: ask.workDir,
      user: ask.user,
      mounts,
      limits: ask.limits,
      privileged: ask.privileged,
    }, scope.signal);
  });
  const settled = starting.then(() => entered.leave(), () => entered.leave());
  scope.track(settled);
  try {
    await orAborted(starting, signal);
  } catch (error) {
    // Nobody knows its number.
    void scope.track(scope.standing.close(key)).catch(() => {});
    throw error;
  }
  scope.sandboxes.set(key, { name: ask.name, place });
  ctx.closeAfterCall(key);
  return { sandbox: number };
}

/** `sandbox.exec` */
export async function execInSandbox(ctx: AskContext, ask: ExecAsk): Promise<JsonValue> {
  const { call, scope, signal } = ctx;
  signal.throwIfAborted();
  const key = keyOf(ctx, ask.sandbox);
  const known = scope.sandboxes.get(key);
  if (known === undefined) throw notOpen(ask.sandbox, "this node has started none of that number");
  const { name, place } = known;
  const env = lookupSecrets(ask.env, ctx.secrets, `a command in sandbox "${name}"`);
  checkSupport(place.driver, {
    step: `a command in sandbox "${name}"`,
    placeOf: (key) => `"${key}" of exec()`,
    image: "",
    command: ask.command,
    user: ask.user,
    hasStdin: ask.stdin !== undefined,
  });
  const entered = await scope.enter(place, call, signal);
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await scope.standing.find(key);
    if (sandbox === undefined) throw notOpen(name, "it was closed");
  } catch (error) {
    entered.leave();
    throw error;
  }
  const { command, workDir, user } = ask;
  const open = sandbox;
  const answer = await answerOf(ctx, { ...ask, name }, {
    start: (io) => open.exec({ command, env, workDir, user }, io),
    onSettled(settled) {
      scope.track(settled);
      void settled.then(() => entered.leave());
    },
  });
  return { ...answer };
}

/** `sandbox.close`: at once when it is closed already. */
export async function closeSandbox(ctx: AskContext, number: number): Promise<null> {
  const { scope } = ctx;
  await scope.track(scope.standing.close(keyOf(ctx, number)));
  return null;
}

/** A node reaches only what it has started in this attempt. */
function keyOf({ call }: Pick<AskContext, "call">, number: number): string {
  return `sandbox\n${call.node.id}\n${call.attempt}\n${number}`;
}

function notOpen(sandbox: number | string, state: string): CodedError {
  return new CodedError(
    "TASK_INVALID",
    `Cannot run a command in sandbox "${sandbox}" as it must be open: ${state}`,
    { fix: "Call exec() before close(), on what runtime.startSandbox() answers in this run" },
  );
}

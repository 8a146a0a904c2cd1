import { WORKSPACE_VOLUME } from "../drivers/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { AskContext } from "./ask_context.ts";
import type { VolumeAsk } from "./asks.ts";
import { orAborted } from "../programs/mod.ts";
import {
  readCloseAsk,
  readExecAsk,
  readProcessAsk,
  readSandboxAsk,
  readTaskAsk,
  readVolumeAsk,
} from "./read_asks.ts";
import { runProcess } from "./run_process.ts";
import { runTask } from "./run_task.ts";
import { closeSandbox, execInSandbox, startUserSandbox } from "./user_sandboxes.ts";

/** Everything that a code node may ask for. */
const METHODS: {
  readonly [method: string]: (ctx: AskContext, params: JsonValue) => Promise<JsonValue>;
} = {
  "process.run": (ctx, params) => runProcess(ctx, readProcessAsk(params)),
  "runtime.run": (ctx, params) => runTask(ctx, readTaskAsk(params)),
  "runtime.createVolume": (ctx, params) => createVolume(ctx, readVolumeAsk(params)),
  "runtime.startSandbox": (ctx, params) => startUserSandbox(ctx, readSandboxAsk(params)),
  "sandbox.exec": (ctx, params) => execInSandbox(ctx, readExecAsk(params)),
  "sandbox.close": (ctx, params) => closeSandbox(ctx, readCloseAsk(params)),
};

/**
 * Answers one question of a code node.
 *
 * @throws {PdError} `TASK_INVALID`, `ASK_REFUSED` for a method that there is not, and as the method says
 */
export async function answerAsk(ctx: AskContext): Promise<JsonValue> {
  const { method, params } = ctx.asked;
  const answer = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (answer !== undefined) return await answer(ctx, params);
  throw new CodedError(
    "ASK_REFUSED",
    `Cannot do "${
      method.slice(0, 80)
    }" for node "${ctx.call.node.id}" as there is no such thing: ` +
      Object.keys(METHODS).join(", "),
    { fix: "Start the workflow with one version of pd throughout" },
  );
}

/** `runtime.createVolume`. `workdir` is the workspace, which comes with the first step. */
async function createVolume(ctx: AskContext, ask: VolumeAsk): Promise<JsonValue> {
  const { name, sizeMb } = ask;
  ctx.signal.throwIfAborted();
  const place = await ctx.place();
  if (name !== WORKSPACE_VOLUME) await orAborted(ctx.scope.volume(place, name, sizeMb), ctx.signal);
  return name;
}

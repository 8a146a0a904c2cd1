import type { TaskIo, TaskResult, TaskSpec } from "../driver.ts";
import { ApiError } from "./api_error.ts";
import type { ApiResponse } from "./client.ts";
import { claimContainer } from "./claim_container.ts";
import { inspectContainer, resultOf } from "./container_state.ts";
import { invalid } from "./create_container.ts";
import type { DockerContext } from "./docker_context.ts";
import { feedStdin } from "./feed_stdin.ts";
import { readFrames } from "./frames.ts";
import { inlineFiles } from "./inline_files.ts";
import { labelsOf } from "./labels.ts";
import { nameOf } from "../names.ts";
import { removeContainer } from "./remove_container.ts";
import { codeOfInit, codeOfStartError } from "./start_error.ts";
import { collectFiles, putFiles, variablesOf } from "./task_files.ts";
import { untilEnded } from "../until_ended.ts";

/** 128 + SIGKILL: what a program ends with that used too much memory, among others. */
const KILLED = 137;
/** A complaint of an init process is one line. */
const MAX_COMPLAINT = 512;

/**
 * Runs a task's container from its making to its removal. Of two calls for one task that meet in the daemon,
 * the second watches the container of the first.
 */
export async function runTask(
  context: DockerContext,
  task: TaskSpec,
  io: TaskIo,
): Promise<TaskResult> {
  const { client, owner, machine } = context;
  const containerName = await nameOf(task.name, [owner.id, task.runId, task.id]);
  const files = task.files ?? [];
  const variables = variablesOf(files);
  const inlined = await inlineFiles(client, task);
  const env = { ...task.env, ...variables, ...inlined?.env };
  const claimed = await claimContainer(context, { ...task, env }, {
    containerName,
    labels: labelsOf(owner, { machine, runId: task.runId, task: task.id }),
    command: inlined?.command ?? task.command,
    hasStdin: io.stdin !== undefined,
    signal: io.signal,
  });
  const { id } = claimed;
  let result: TaskResult;
  try {
    const isToPut = claimed.kind === "made" && files.length > 0 && inlined === undefined;
    if (isToPut) await putFiles(client, id, files);
    const isRunning = claimed.kind === "found" && claimed.state.Status !== "exited";
    result = claimed.kind === "found" && !isRunning
      ? resultOf(claimed.state)
      : await runContainer(context, task, { id, io, isRunning });
    const collected = await collectFiles(client, id, files);
    if (collected !== undefined) result = { ...result, files: collected };
  } catch (error) {
    await removeContainer(client, id).catch(() => {});
    throw invalid(task, error);
  }
  try {
    await removeContainer(client, id);
  } catch (error) {
    context.onWarning(`Cannot remove container ${containerName}: ${error}`);
  }
  return result;
}

async function runContainer(
  context: DockerContext,
  task: TaskSpec,
  run: { readonly id: string; readonly io: TaskIo; readonly isRunning: boolean },
): Promise<TaskResult> {
  const { id, io } = run;
  const { client, clock } = context;
  const path = `/containers/${id}`;
  io.signal.throwIfAborted();
  using stack = new DisposableStack();
  const attach = { stream: "1", stdout: "1", stderr: "1", stdin: io.stdin && "1" };
  const attached = await client.hijack({ method: "POST", path: `${path}/attach`, query: attach });
  stack.defer(() => attached.close());
  // Asked before the start, so that no end is too quick to be seen.
  const condition = run.isRunning ? "not-running" : "next-exit";
  const wait = await client.open({ method: "POST", path: `${path}/wait`, query: { condition } });
  stack.defer(() => wait.close());

  let isStarted = false;
  function started(): void {
    if (!isStarted) io.onStart?.();
    isStarted = true;
  }
  let complaint = "";
  const exit = exitCode(wait);
  const output = readFrames(attached.reader, {
    stdout(bytes) {
      started();
      io.onStdout(bytes);
    },
    stderr(bytes) {
      started();
      if (complaint.length < MAX_COMPLAINT) complaint += new TextDecoder().decode(bytes);
      io.onStderr(bytes);
    },
  }).catch(async (error) => {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    // Podman drops the connection when a program ends that has not read all of its input.
    await exit;
  });
  const ended = Promise.all([exit, output]);
  ended.catch(() => {});
  io.signal.throwIfAborted();
  if (!run.isRunning) {
    const failed = await start(context, path);
    if (failed !== undefined) {
      io.onStderr(new TextEncoder().encode(`${failed.message}\n`));
      return { code: failed.code };
    }
  }
  started();
  const stopFeeding = io.stdin && feedStdin(attached, io.stdin);
  try {
    await untilEnded(ended, {
      signal: io.signal,
      clock,
      graceMs: task.killGraceMs,
      async terminate() {
        await client.ask({ method: "POST", path: `${path}/kill`, query: { signal: "SIGTERM" } });
      },
    });
  } finally {
    attached.close();
    await stopFeeding?.();
  }
  const code = await exit;
  if (code === 1) return { code: codeOfInit(complaint) ?? code };
  return code === KILLED
    ? resultOf({ ...await inspectContainer(client, id), ExitCode: code })
    : { code };
}

/** Starts it. A program that is not there, or is none, has ended as `docker run` would tell it. */
async function start(
  { client }: DockerContext,
  path: string,
): Promise<{ readonly code: number; readonly message: string } | undefined> {
  try {
    await client.ask({ method: "POST", path: `${path}/start` });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message } = error;
    const code = codeOfStartError(message);
    if (code === undefined) throw error;
    return { code, message };
  }
}

async function exitCode(wait: ApiResponse): Promise<number> {
  const { StatusCode, Error: error } = await new Response(ReadableStream.from(wait.body)).json();
  if (error?.Message) throw new ApiError(500, error.Message);
  return StatusCode;
}

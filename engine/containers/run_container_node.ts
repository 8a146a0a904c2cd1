import type { TaskSpec } from "../drivers/mod.ts";
import { PdError } from "../errors/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { ContainerNodeSpec } from "../spec/mod.ts";
import { checkSupport } from "./check_support.ts";
import { configText, driverOf, type EngineParts, STOP_GRACE_MS } from "./engine_parts.ts";
import { errorOutcome } from "./error_outcome.ts";
import { lookupSecrets } from "./lookup_secrets.ts";
import { mountsOf } from "./mounts_of.ts";
import { nodeOutput } from "./node_output.ts";
import { orAborted, OutputPipe, runCommand } from "../programs/mod.ts";
import type { Place } from "./place.ts";
import type { RunScope } from "./run_scope.ts";
import { stepEnv } from "./step_env.ts";
import { stepFailed, Tail } from "./step_failed.ts";
import type { Entered } from "./workspaces.ts";

const CANCELLED: NodeOutcome = { status: "cancelled" };
const INPUT_FILE = "input.json";
const OUTPUT_FILE = "output.json";

/** One attempt at a container node, from its secrets to its output. */
export async function runContainerNode(
  call: NodeCall,
  spec: ContainerNodeSpec,
  parts: EngineParts,
): Promise<NodeOutcome> {
  const scope = parts.scopeOf(call);
  const signal = AbortSignal.any([call.signal, scope.signal]);
  try {
    signal.throwIfAborted();
    const attempt = new ContainerAttempt(call, spec, { parts, scope, signal });
    return await attempt.run();
  } catch (error) {
    if (signal.aborted) return CANCELLED;
    if (error instanceof PdError) return errorOutcome(error);
    throw error;
  }
}

interface AttemptDeps {
  readonly parts: EngineParts;
  readonly scope: RunScope;
  readonly signal: AbortSignal;
}

class ContainerAttempt {
  readonly #call: NodeCall;
  readonly #spec: ContainerNodeSpec;
  readonly #deps: AttemptDeps;

  constructor(call: NodeCall, spec: ContainerNodeSpec, deps: AttemptDeps) {
    this.#call = call;
    this.#spec = spec;
    this.#deps = deps;
  }

  async run(): Promise<NodeOutcome> {
    const { parts, scope, signal } = this.#deps;
    const { id } = this.#spec;
    const env = lookupSecrets(this.#spec.env, parts.secrets, `node "${id}"`);
    await scope.stopped(id, signal);
    const opening = parts.pool.get(driverOf(parts, this.#call, this.#spec.driver));
    const place = await orAborted(opening, signal);
    this.#check(place);
    const entered = await scope.enter(place, this.#call, signal);
    let task: TaskSpec;
    try {
      task = await orAborted(this.#task(place, entered, env), signal);
    } catch (error) {
      entered.leave();
      throw error;
    }
    return await this.#execute(place, entered, task);
  }

  async #execute(place: Place, entered: Entered, task: TaskSpec): Promise<NodeOutcome> {
    const { parts, scope, signal } = this.#deps;
    const { id } = this.#spec;
    const { maxOutputBytes } = parts;
    const tails = { stdout: new Tail(), stderr: new Tail() };
    const pipe = (stream: "stdout" | "stderr", level: "info" | "warn", keepBytes: number) =>
      new OutputPipe({
        redactor: parts.redactor,
        keepBytes,
        onText: (text) => parts.settings.onOutput?.({ runId: scope.id, node: id, stream, text }),
        onLine: (message) => {
          tails[stream].add(message);
          this.#call.onLog({ level, message, fields: { stream } });
        },
      });
    const stdout = pipe("stdout", "info", maxOutputBytes);
    const command = runCommand((io) => place.driver.run(task, io), {
      signals: [signal],
      stdout,
      stderr: pipe("stderr", "warn", 0),
      clock: parts.clock,
      onStart: () => this.#call.onBegin(),
    });
    scope.track(command.settled);
    scope.leaveStopping(id, command.settled);
    void command.settled.then(() => entered.leave());
    const result = await command.result;
    if (result.code !== 0) {
      return stepFailed(id, result, tails.stderr.text || tails.stdout.text);
    }
    const file = result.files?.[OUTPUT_FILE];
    return nodeOutput({ node: id, file, stdout: stdout.kept(), maxBytes: maxOutputBytes });
  }

  #check({ driver }: Place): void {
    const { id, user, limits, mounts } = this.#spec;
    checkSupport(driver, {
      step: `node "${id}"`,
      placeOf: (key) => `nodes.${id}.${key} in workflow.yaml`,
      image: this.#image,
      command: this.#argv,
      user,
      limits,
      hasReadOnlyMount: mounts.some(({ readOnly }) => readOnly),
    });
  }

  async #task(
    place: Place,
    entered: Entered,
    env: { readonly [name: string]: string },
  ): Promise<TaskSpec> {
    const { id, pull, workdir, user, limits } = this.#spec;
    const call = this.#call;
    const { driver } = place;
    const mounts = await mountsOf(this.#deps.scope, place, {
      workspace: entered.volume,
      named: this.#spec.mounts,
    });
    return {
      runId: call.run.id,
      id: `${id}-${call.attempt}`,
      name: id,
      image: driver.capabilities.images ? this.#image : undefined,
      pull,
      command: this.#argv,
      env: stepEnv(call, env, { driver, mounts }),
      workDir: workdir,
      user,
      mounts,
      limits,
      privileged: false,
      killGraceMs: STOP_GRACE_MS,
      files: [{
        name: INPUT_FILE,
        variable: "PD_INPUT_FILE",
        content: new TextEncoder().encode(JSON.stringify(call.input)),
      }, {
        name: OUTPUT_FILE,
        variable: "PD_OUTPUT_FILE",
        // One more, to tell what is too large.
        collectBytes: this.#deps.parts.maxOutputBytes + 1,
      }],
    };
  }

  /** Its own or its stage's, else `config.container`. */
  get #image(): string | undefined {
    return this.#spec.image ?? configText(this.#deps.parts, this.#call, "container");
  }

  get #argv(): readonly string[] {
    const { command } = this.#spec;
    return command.kind === "shell" ? ["sh", "-e", "-c", command.script] : command.argv;
  }
}

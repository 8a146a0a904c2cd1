import type { Clock } from "../clock/mod.ts";
import type { Redactor } from "../context/mod.ts";
import { type Driver, openDriver, type OpenDriverOptions } from "../drivers/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";
import { dataDir, type Owner } from "../storage/mod.ts";
import { findBash } from "./find_bash.ts";
import { runScriptNode } from "./run_script_node.ts";
import type { Scripts, ScriptSettings } from "./scripts.ts";

/** What the scripts of a workflow are opened with. */
export interface OpenScriptsOptions extends ScriptSettings {
  readonly redactor: Redactor;
  readonly clock: Clock;
  /** Whom everything that is made belongs to. */
  readonly owner: Owner;
  onWarning(message: string): void;
  /** Opens the driver; tests hand in a fake one. */
  readonly open?: (address: string, options: OpenDriverOptions) => Promise<Driver>;
}

/** The scripts of one version of a workflow. The driver is opened by the first that has anything to do. */
export function openScripts(options: OpenScriptsOptions): Scripts {
  return new WorkflowScripts(options);
}

class WorkflowScripts implements Scripts {
  readonly #options: OpenScriptsOptions;
  readonly #runs = new Set<string>();
  #opening: Promise<{ readonly driver: Driver; readonly bash: string }> | undefined;

  constructor(options: OpenScriptsOptions) {
    this.#options = options;
  }

  async runNode(call: NodeCall, spec: ScriptNodeSpec): Promise<NodeOutcome> {
    return await runScriptNode(call, spec, {
      ...this.#options,
      open: () => {
        this.#runs.add(call.run.id);
        return this.#open();
      },
    });
  }

  async endRun(runId: string): Promise<void> {
    if (!this.#runs.delete(runId)) return;
    await (await this.#open()).driver.endRun(runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.driver[Symbol.asyncDispose]();
  }

  #open(): Promise<{ readonly driver: Driver; readonly bash: string }> {
    if (this.#opening === undefined) {
      const opening = this.#opening = this.#openDriver();
      opening.catch(() => {
        if (this.#opening === opening) this.#opening = undefined;
      });
    }
    return this.#opening;
  }

  async #openDriver(): Promise<{ readonly driver: Driver; readonly bash: string }> {
    const { clock, owner, onWarning, open = openDriver } = this.#options;
    const env = (name: string) => this.#options.env[name];
    const [driver, bash] = await Promise.all([
      open("native", {
        clock,
        owner,
        env,
        cwd: this.#options.cwd,
        dataDir: dataDir(env) ?? `${env("TMPDIR") ?? "/tmp"}/pipedreamer`,
        onWarning,
      }),
      findBash(env("PATH")),
    ]);
    await driver.ready();
    return { driver, bash };
  }
}

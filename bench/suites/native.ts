import { systemClock } from "../../engine/clock/mod.ts";
import { openDriver } from "../../engine/drivers/mod.ts";
import { currentOwner } from "../../engine/storage/mod.ts";
import { measure, type Row, type Suite } from "../harness.ts";

/** What a step costs on the driver `native`, beside the bare start of its program. */
export const suite: Suite = { name: "native", measure: measureNative };

const OPTIONS = { warmUps: 20, samples: 200 };
const OVERHEAD_MS = 3;

async function measureNative(): Promise<readonly Row[]> {
  const dataDir = await Deno.makeTempDir();
  try {
    await using driver = await openDriver("native", {
      clock: systemClock,
      owner: currentOwner(),
      env: (name) => Deno.env.get(name),
      cwd: dataDir,
      dataDir,
      onWarning() {},
    });
    const runId = crypto.randomUUID();
    const volume = await driver.createVolume({ runId, name: "workdir" });
    const place = {
      runId,
      name: "step",
      image: undefined,
      pull: "never" as const,
      env: {},
      workDir: undefined,
      user: undefined,
      mounts: [{ volume, path: "/workspace", readOnly: false }],
      limits: {},
      privileged: false,
    };
    const io = { signal: new AbortController().signal, onStdout() {}, onStderr() {} };
    const command = ["true"];
    let count = 0;
    const bare = await measure(() => new Deno.Command("true", { stdin: "null" }).output(), OPTIONS);
    const step = await measure(
      () => driver.run({ ...place, id: `${count++}-step`, command, killGraceMs: 1_000 }, io),
      OPTIONS,
    );
    await using sandbox = await driver.startSandbox({ ...place, id: "sandbox" });
    const exec = { command, env: {}, workDir: undefined, user: undefined };
    const further = await measure(() => sandbox.exec(exec, io), OPTIONS);
    const baseline = { what: "bare Deno.Command", figure: bare.median };
    const target = { atMost: bare.median + OVERHEAD_MS };
    return [
      { what: "a step", figure: step.median, p90: step.p90, unit: "ms", baseline, target },
      {
        what: "a command in a sandbox",
        figure: further.median,
        p90: further.p90,
        unit: "ms",
        baseline,
        target,
      },
    ];
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

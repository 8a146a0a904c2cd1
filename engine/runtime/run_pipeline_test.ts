import assert from "node:assert/strict";
import { type AskEngine, createContext, liveTransport } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { runPipeline } from "./run_pipeline.ts";
import type { StepResult } from "./types.ts";

/** A question that the engine was asked. */
interface Asked {
  readonly method: string;
  readonly params: JsonObject;
}

interface TestRun {
  readonly input?: JsonValue;
  readonly runId?: string;
  readonly config?: JsonObject;
  /** Answers in place of a step that ends with 0. */
  readonly answer?: (
    asked: Asked,
    tell: (value: JsonValue) => void,
  ) => JsonValue | Promise<JsonValue>;
  readonly asked?: Asked[];
}

function play(
  pipeline: () => unknown,
  { input = {}, runId = "run-1", config = {}, answer = () => ended(0), asked = [] }: TestRun = {},
): ReturnType<typeof runPipeline> {
  const ask: AskEngine = async (method, params, { onTell } = {}) => {
    const one = { method, params: params as JsonObject };
    asked.push(one);
    return await answer(one, (value) => onTell?.(value));
  };
  const ctx = createContext({
    run: {
      id: runId,
      workflow: "k6",
      version: "1.0",
      node: "pipeline",
      attempt: 1,
      trigger: { type: "manual" },
    },
    signal: new AbortController().signal,
    config,
    secrets: {},
    services: {},
    transport: liveTransport,
    ask,
    onLog: () => {},
  });
  return runPipeline(ctx, input, () => Promise.resolve({ pipeline }));
}

function ended(code: number): JsonObject {
  return { status: code === 0 ? "succeeded" : "failed", code, stdout: `${code}\n`, stderr: "" };
}

Deno.test("runPipeline() asks for a step as it was written, and answers what the pipeline returned", async () => {
  const asked: Asked[] = [];
  const outcome = await play(async () => {
    const volume = await runtime.createVolume("cache", 100);
    const result = await runtime.run({
      name: "lint",
      image: "docker.io/library/alpine:3",
      command: { path: "sh", args: ["-c", "", "--", "ü\n\u{1f995}"], user: "nobody" },
      env: { TOKEN: "secret:TOKEN" },
      mounts: { "/cache": volume, "/workspace": "workdir" },
      stdin: "in",
      work_dir: "src",
      timeout: "1m30s",
      limits: { cpu: 0.5, memory: "512Mi" },
      privileged: true,
    });
    return { code: result.code };
  }, { asked, answer: ({ method }) => method === "runtime.run" ? ended(0) : "cache" });
  assert.deepEqual(outcome, { exitCode: 0, value: { code: 0 } });
  assert.deepEqual(asked, [
    { method: "runtime.createVolume", params: { name: "cache", sizeMb: 100 } },
    {
      method: "runtime.run",
      params: {
        index: 0,
        name: "lint",
        image: "docker.io/library/alpine:3",
        command: ["sh", "-c", "", "--", "ü\n\u{1f995}"],
        user: "nobody",
        env: { TOKEN: "secret:TOKEN" },
        mounts: { "/cache": "cache", "/workspace": "workdir" },
        stdin: "in",
        workDir: "src",
        timeoutMs: 90_000,
        limits: { cpu: 0.5, memoryBytes: 512 * 1024 * 1024 },
        privileged: true,
        wantsOutput: false,
      },
    },
  ]);
});

Deno.test("pipelineContext says what the run is", async () => {
  const seen = () => ({ ...pipelineContext });
  const config = { pipeline_id: "0197-id", driver: "docker:///var/run/docker.sock" };
  const input = { args: ["run", "--vus=10", "", "--"] };
  assert.deepEqual((await play(seen, { input, config })).value, {
    runID: "run-1",
    pipelineID: "0197-id",
    triggeredBy: "manual",
    args: ["run", "--vus=10", "", "--"],
    driverName: "docker",
  });
  const bare = await play(seen, { input: { driver: "k8s://prod?namespace=a" } });
  assert.deepEqual(bare.value, {
    runID: "run-1",
    pipelineID: "k6",
    triggeredBy: "manual",
    args: [],
    driverName: "k8s",
  });
  await assert.rejects(play(seen, { input: { args: "x" } }), { code: "INPUT_INVALID" });
});

Deno.test("branches of Promise.all are steps of their own, counted in the order of their calls", async () => {
  const asked: Asked[] = [];
  const gates = Array.from({ length: 200 }, () => Promise.withResolvers<void>());
  const playing = play(async () => {
    const results = await Promise.all(gates.map(() => runtime.run({ name: "same" })));
    return results.length;
  }, {
    asked,
    answer: async ({ params }) => {
      await gates[Number(params["index"])]?.promise;
      return ended(0);
    },
  });
  for (const gate of gates.toReversed()) gate.resolve();
  assert.equal((await playing).value, 200);
  assert.deepEqual(asked.map(({ params }) => params["index"]), gates.map((_, index) => index));
});

Deno.test("two runs in one process do not mix", async () => {
  const gate = Promise.withResolvers<void>();
  const pipeline = async () => {
    const { run } = runtime;
    await gate.promise;
    await run({ name: pipelineContext.runID });
    return [pipelineContext.runID, ...pipelineContext.args];
  };
  const asked: Record<string, Asked[]> = { a: [], b: [] };
  const runs = ["a", "b"].map((runId) =>
    play(pipeline, { runId, input: { args: [runId] }, asked: asked[runId] ?? [] })
  );
  gate.resolve();
  assert.deepEqual((await Promise.all(runs)).map(({ value }) => value), [["a", "a"], ["b", "b"]]);
  for (const runId of ["a", "b"]) {
    const indexes = asked[runId]?.map(({ params }) => [params["index"], params["name"]]);
    assert.deepEqual(indexes, [[0, runId]]);
  }
});

const ENDS: readonly {
  readonly name: string;
  readonly codes: readonly number[];
  readonly pipeline: () => unknown;
  /** 0, or the exit code of the failure; a text is the message of what was thrown by itself. */
  readonly want: number | string;
}[] = [
  { name: "without a step", codes: [], pipeline: () => {}, want: 0 },
  { name: "after a step that failed", codes: [7], pipeline: () => step("a"), want: 7 },
  {
    name: "after a failure and a success",
    codes: [7, 0],
    pipeline: async () => [await step("a"), await step("b")],
    want: 0,
  },
  {
    name: "after branches, by the last one that was started",
    codes: [0, 3],
    pipeline: () => Promise.all([step("a"), step("b")]),
    want: 3,
  },
  { name: "after a signal", codes: [137], pipeline: () => step("a"), want: 137 },
  {
    name: "with a thrown result",
    codes: [5, 0],
    pipeline: async () => {
      const failed = await step("a");
      await step("b");
      throw failed;
    },
    want: 5,
  },
  {
    name: "with a thrown result of a success",
    codes: [0],
    pipeline: async () => {
      throw await step("a");
    },
    want: 1,
  },
  {
    name: "with an error that has an exit code",
    codes: [],
    pipeline: () => {
      throw Object.assign(new Error("no"), { exitCode: 9 });
    },
    want: 9,
  },
  {
    name: "with an error",
    codes: [7],
    pipeline: async () => {
      await step("a");
      throw new Error("no luck");
    },
    want: "no luck",
  },
  { name: "by exit(3)", codes: [], pipeline: () => runtime.exit(3), want: 3 },
  {
    name: "by exit(0) after a failure",
    codes: [7],
    pipeline: async () => {
      await step("a");
      runtime.exit(0);
    },
    want: 0,
  },
  {
    name: "by exit(4), whatever catches it",
    codes: [],
    pipeline: async () => {
      try {
        runtime.exit(4);
      } catch {
        await step("never").catch(() => {});
      }
      return "went on";
    },
    want: 4,
  },
];

function step(name: string): Promise<StepResult> {
  return runtime.run({ name });
}

for (const { name, codes, pipeline, want } of ENDS) {
  Deno.test(`a pipeline that ends ${name} comes to ${want}`, async () => {
    const answer = ({ params }: Asked) => ended(codes[Number(params["index"])] ?? 0);
    const outcome = await play(pipeline, { answer }).catch((error) => error);
    if (want === 0) return assert.equal(outcome.exitCode, 0);
    if (typeof want === "string") return assert.equal(outcome.message, want);
    assert.ok(outcome instanceof CodedError);
    assert.deepEqual([outcome.code, outcome.exitCode], ["PIPELINE_FAILED", want]);
  });
}

Deno.test("runtime.exit() ends the pipeline while a step runs", async () => {
  const running = Promise.withResolvers<void>();
  const playing = play(async () => {
    const endless = runtime.run({ name: "endless" });
    await running.promise;
    if (pipelineContext.args.length === 0) runtime.exit(6);
    await endless;
  }, {
    answer: () => {
      running.resolve();
      return new Promise<never>(() => {});
    },
  });
  await assert.rejects(playing, { exitCode: 6 });
});

Deno.test("onOutput takes what a step writes as it comes", async () => {
  const parts: string[] = [];
  await play(
    () => runtime.run({ name: "a", onOutput: (stream, text) => parts.push(`${stream}: ${text}`) }),
    {
      answer: ({ params }, tell) => {
        assert.equal(params["wantsOutput"], true);
        tell({ stream: "stdout", text: "one" });
        tell({ stream: "stderr", text: "two" });
        return ended(0);
      },
    },
  );
  assert.deepEqual(parts, ["stdout: one", "stderr: two"]);
});

Deno.test("a sandbox runs one command after another and is closed once", async () => {
  const asked: Asked[] = [];
  const playing = play(async () => {
    await using sandbox = await runtime.startSandbox({ name: "box", env: { A: "1" } });
    const { code } = await sandbox.exec({ command: { path: "true" }, timeout: 50 });
    await sandbox.close();
    return code;
  }, {
    asked,
    answer: ({ method }) => {
      if (method === "runtime.startSandbox") return { sandbox: 4 };
      return method === "sandbox.exec" ? ended(2) : null;
    },
  });
  await assert.rejects(playing, { code: "PIPELINE_FAILED", exitCode: 2 });
  assert.deepEqual(asked.map(({ method }) => method), [
    "runtime.startSandbox",
    "sandbox.exec",
    "sandbox.close",
  ]);
  const { sandbox, command, timeoutMs } = asked[1]?.params ?? {};
  assert.deepEqual([sandbox, command, timeoutMs], [4, ["true"], 50]);
});

const MISTAKES: { readonly [name: string]: readonly [call: () => unknown, message: RegExp] } = {
  "no options": [() => call("run"), /the argument of runtime\.run\(\) as it must be an object/],
  "no name": [() => call("run", { image: "a" }), /"name" of runtime\.run\(\)/],
  "an unknown key": [
    () => call("run", { name: "a", comand: {} }),
    /"comand" of runtime\.run\("a"\) as it must be one of name, image/,
  ],
  "arguments that are no texts": [
    () => call("run", { name: "a", command: { path: "b", args: ["c", 1] } }),
    /"command\.args\[1\]".*text without NUL: it is 1$/,
  ],
  "a command line in one text": [
    () => call("run", { name: "a", command: "echo a" }),
    /"command".*\{path, args, user\}: it is "echo a"$/,
  ],
  "a variable that is no text": [
    () => call("run", { name: "a", env: { A: 1 } }),
    /"env\.A".*it is of type number$/,
  ],
  "a mount at no absolute path": [
    () => call("run", { name: "a", mounts: { cache: "c" } }),
    /"mounts".*absolute path: one is "cache"$/,
  ],
  "a timeout of nothing": [
    () => call("run", { name: "a", timeout: "soon" }),
    /"timeout".*milliseconds above 0, or text such as "30s": it is "soon"$/,
  ],
  "a memory limit in words": [
    () => call("run", { name: "a", limits: { memory: "much" } }),
    /"limits\.memory".*it is "much"$/,
  ],
  "a volume of no size": [() => call("createVolume", "a", -1), /"size"/],
  "a sandbox with a command": [
    () => call("startSandbox", { name: "a", command: { path: "b" } }),
    /"command" of runtime\.startSandbox\("a"\)/,
  ],
  "an exit code out of range": [() => call("exit", 256), /from 0 to 255/],
};

/** As JavaScript calls it, whatever the types say. */
function call(method: string, ...args: readonly unknown[]): unknown {
  return (runtime as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
}

for (const [name, [mistaken, message]] of Object.entries(MISTAKES)) {
  Deno.test(`a call with ${name} says what is wrong, and asks for nothing`, async () => {
    const asked: Asked[] = [];
    await assert.rejects(play(async () => await mistaken(), { asked }), {
      code: "PIPELINE_INVALID",
      message,
    });
    assert.deepEqual(asked, []);
  });
}

Deno.test("the globals outside of a run say so", async () => {
  await play(() => {});
  await assert.rejects(runtime.run({ name: "a" }), { code: "PIPELINE_INVALID" });
  assert.throws(() => pipelineContext.args, { code: "PIPELINE_INVALID" });
});

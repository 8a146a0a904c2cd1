import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import type { LogLine } from "../executor/mod.ts";
import { ScriptStage } from "./_play.ts";
import { MAX_LINE_CHARS, ScriptLog, UNFINISHED_MS } from "./script_log.ts";
import { textOf } from "./_play.ts";

Deno.test("a script's variables are set: the engine's, then the input's, TASK_NAME, the node's, and the run's", async () => {
  await using stage = new ScriptStage({
    env: { A: "engine", B: "engine", TASK_NAME: "engine", PD_VAR_x: "engine", PD_NODE: "engine" },
  });
  const { stdout } = await stage.play(
    ['echo "$A $B $TASK_NAME $PD_VAR_x $PD_NODE $PD_RUN_ID $PD_ATTEMPT"'],
    { input: { x: "input" }, runId: "run-7", spec: { env: { B: "node", PD_NODE: "node" } } },
  );
  assert.equal(stdout, "engine node task input task run-7 1\n");
  await stage.scripts.endRun("run-7");
});

Deno.test("a script never gets what signs the server's tokens", async () => {
  const env = {
    PD_JWT_SECRET: "a-secret-of-the-server",
    PRUNNER_JWT_SECRET: "another-secret-of-it",
  };
  await using stage = new ScriptStage({ env });
  const { stdout } = await stage.play(["env"]);
  assert.ok(!/JWT_SECRET|secret/.test(stdout), stdout);
});

Deno.test("every value of the input is a variable: text as it is, anything else as JSON", async () => {
  await using stage = new ScriptStage();
  const input = { text: "it's {{ .x }}\n$HOME", n: 3, list: ["a", { b: null }], "not-a-name": 1 };
  const { stdout } = await stage.play(
    ['printf "%s|" "$PD_VAR_text" "$PD_VAR_n" "$PD_VAR_list"; env | grep -c not-a-name'],
    { input },
  );
  assert.equal(stdout, `it's {{ .x }}\n$HOME|3|["a",{"b":null}]|0\n`);
});

Deno.test("a value that no variable can hold is left out with a warning, and the script runs", async () => {
  await using stage = new ScriptStage();
  const input = { long: "x".repeat(200_000), nul: "a\0b", ok: "yes" };
  const { stdout, logs } = await stage.play(["echo ${PD_VAR_long-none} $PD_VAR_ok"], { input });
  assert.equal(stdout, "none yes\n");
  assert.match(logs[0]?.message ?? "", /long, nul: the value is too long/);
});

Deno.test("a script has only what the engine's environment has, beside what is set for it", async () => {
  await using stage = new ScriptStage();
  const { stdout } = await stage.play(["echo ${HOME-none} ${TMPDIR-none} ${LANG-none}"]);
  assert.equal(stdout, "none none none\n");
  await using other = new ScriptStage({ env: { HOME: "/h", TMPDIR: "/t", LANG: "C" } });
  assert.equal((await other.play(["echo $HOME $TMPDIR $LANG"])).stdout, "/h /t C\n");
});

Deno.test("entries are templates over the input, and all are filled in before the first one runs", async () => {
  await using stage = new ScriptStage();
  const good = await stage.play(["echo {{ .who }}", "echo {{ .__jobID }}"], {
    input: { who: "you" },
    runId: "run-1",
  });
  assert.equal(good.stdout, "you\nrun-1\n");
  await stage.scripts.endRun("run-1");
  const bad = await stage.play(["echo a", "echo {{ .nosuch }}"], { spec: { allowFailure: true } });
  assert.equal(bad.stdout, "");
  assert.ok(bad.outcome.status === "failed");
  assert.equal(bad.outcome.error.code, "TEMPLATE_INVALID");
  assert.match(
    bad.outcome.error.message,
    /entry 2 of node "task" .* 1:9: map has no entry for key "nosuch"/,
  );
  assert.deepEqual(bad.outcome.retry, { kind: "never" });
});

Deno.test("what a failed task has said is no template", async () => {
  await using stage = new ScriptStage();
  const input = { failedTaskStdout: "{{ .x }}", failedTaskName: "a" };
  const { stdout } = await stage.play(["echo '{{ .failedTaskStdout }}' {{ .failedTaskName }}"], {
    input,
  });
  assert.equal(stdout, "{{ .x }} a\n");
});

Deno.test("a script without entries succeeds at once, and starts nothing", async () => {
  await using stage = new ScriptStage();
  const { outcome } = await stage.play([]);
  assert.deepEqual(outcome, { status: "succeeded", output: null });
  assert.equal(stage.opened, 0);
});

Deno.test("a script that fails says so as a pipeline service does", async () => {
  await using stage = new ScriptStage();
  const { outcome } = await stage.play(["exit 42"]);
  assert.ok(outcome.status === "failed");
  const { code, message, exitCode } = outcome.error;
  assert.deepEqual([code, message, exitCode], ["STEP_FAILED", "exit status 42", 42]);
});

Deno.test("a long program runs as a short one does, and goes on behind an exit", async () => {
  await using stage = new ScriptStage();
  const text = "x".repeat(300_000);
  const { stdout, outcome } = await stage.play([`a='${text}'; exit 0`, "echo ${#a} $#"]);
  assert.equal(stdout, "300000 0\n", JSON.stringify(outcome));
});

Deno.test("lines carry their stream and level, and secrets are taken out", async () => {
  await using stage = new ScriptStage({ secrets: { api: { token: "hunter2-hunter2" } } });
  const { logs } = await stage.play(["echo hunter2-hunter2; sleep 0.1; echo bad >&2; printf end"]);
  assert.deepEqual(logs, [
    { level: "info", message: "***", fields: { stream: "stdout" } },
    { level: "warn", message: "bad", fields: { stream: "stderr" } },
    { level: "info", message: "end", fields: { stream: "stdout", partial: true } },
  ]);
});

Deno.test("the whole output of a burst comes back, in few events", async () => {
  await using stage = new ScriptStage();
  const { stdout, logs } = await stage.play(["seq 200000; head -c 100000 /dev/zero | tr '\\0' x"]);
  const want = Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join("") +
    "x".repeat(100_000);
  assert.ok(stdout === want, `${stdout.length} of ${want.length}`);
  assert.ok(logs.length < 2_000, `${logs.length} events`);
});

Deno.test("a stopped script gets SIGINT as a process group, and no later command of it runs", async () => {
  await using stage = new ScriptStage();
  const stop = new AbortController();
  const script = [
    `bash -c 'trap "echo child; exit 0" INT; echo up; while :; do sleep 0.02; done'; echo not-this`,
    "echo nor-this",
  ];
  const { outcome, stdout } = await stage.play(script, {
    signal: stop.signal,
    spec: { allowFailure: true },
    onLog: ({ message }) => message === "up" && stop.abort(new Error("enough")),
  });
  assert.equal(outcome.status, "cancelled");
  assert.equal(stdout, "up\nchild\n");
});

Deno.test("a script that ignores SIGINT is killed two seconds later, what it started in the background too", async () => {
  await using stage = new ScriptStage();
  const stop = new AbortController();
  let started = 0;
  const script = ["trap '' INT; sleep 60 & echo $!; while :; do sleep 0.05; done"];
  const { outcome, stdout } = await stage.play(script, {
    signal: stop.signal,
    onLog() {
      started = performance.now();
      stop.abort(new Error("enough"));
    },
  });
  const tookMs = performance.now() - started;
  assert.equal(outcome.status, "cancelled");
  assert.ok(tookMs > 1_900 && tookMs < 4_000, `${tookMs} ms`);
  assert.equal(await stateOf(stdout.trim()), "gone");
});

Deno.test("what a script leaves in the background ends with it", async () => {
  await using stage = new ScriptStage();
  const { stdout, outcome } = await stage.play(["setsid sleep 60 >/dev/null 2>&1 & echo $!"]);
  assert.equal(outcome.status, "succeeded");
  assert.equal(await stateOf(stdout.trim()), "gone");
});

Deno.test("a line that is being written is shown after a quarter of a second, in parts that fit together", async () => {
  const clock = new FakeClock();
  const logs: LogLine[] = [];
  const log = new ScriptLog("stdout", { onLog: (line) => logs.push(line), clock });
  log.write("Progress: ");
  await clock.advance(UNFINISHED_MS - 1);
  assert.equal(logs.length, 0);
  log.write("10%");
  await clock.advance(UNFINISHED_MS);
  assert.deepEqual(logs, [
    { level: "info", message: "Progress: 10%", fields: { stream: "stdout", partial: true } },
  ]);
  log.write(" done\nnext");
  log.end();
  assert.equal(textOf(logs, "stdout"), "Progress: 10% done\nnext");
  assert.equal(clock.pending, 0, "a timer is left");
});

Deno.test("a stream as log lines fits together however it was cut, on 200 random streams", () => {
  let seed = 3;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 200; round++) {
    const logs: LogLine[] = [];
    const log = new ScriptLog("stderr", {
      onLog: (line) => logs.push(line),
      clock: new FakeClock(),
    });
    let whole = "";
    for (let i = 0; i < 1 + random() * 40; i++) {
      const kind = random();
      const text = kind < 0.3
        ? "\n".repeat(random() * 400)
        : kind < 0.5
        ? "😀".repeat(random() * 20_000)
        : kind < 0.8
        ? "some line\n".repeat(random() * 3_000)
        : "é";
      whole += text;
      log.write(text);
    }
    log.end();
    assert.ok(textOf(logs, "stderr") === whole);
    assert.ok(
      logs.every(({ message }) => message.length <= MAX_LINE_CHARS && message.isWellFormed()),
    );
  }
});

/** A process that has ended may wait for its parent to look. */
async function stateOf(pid: string): Promise<string> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const [, state = ""] = /^State:\s+(\S)/m.exec(status) ?? [];
  return state === "" || state === "Z" ? "gone" : `state ${state}`;
}

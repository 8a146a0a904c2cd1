import assert from "node:assert/strict";
import { flow, pushedRun, ready, untilThere, withGit } from "./_git_place.ts";

const READ = "cat hello.txt";

Deno.test("git push runs the commit that was pushed, and the next push the next one", () =>
  withGit(async (place) => {
    await ready(place, { "ci/workflow.yaml": flow({ read: READ }), "hello.txt": "first" });
    const first = pushedRun(await place.push());
    const run = await place.over(first);
    assert.deepEqual([run.status, run.user, run.ref], ["success", "ann", "refs/heads/main"]);
    assert.equal(run.workflow, "repo:app");
    assert.equal(await place.log(first, "read"), "first\n");
    const commit = await place.commit({
      "ci/workflow.yaml": flow({ read: READ, again: `${READ} ${READ}` }),
      "hello.txt": "second",
    });
    const second = pushedRun(await place.push());
    const after = await place.over(second);
    assert.equal(after.commit, commit);
    assert.deepEqual(after.jobs.map(({ name, status }) => [name, status]), [
      ["read", "success"],
      ["again", "failed"],
    ]);
    assert.equal(await place.log(second, "read"), "second\n");
    const { body } = await place.ask("/repos/app/pipelines/runs");
    assert.deepEqual(body.runs.map(({ id }: { id: string }) => id), [second, first]);
  }));

Deno.test("the log of a job is streamed while it is written, and a failing job stops the rest", () =>
  withGit(async (place) => {
    const go = `${place.dir}/go`;
    await ready(place, {
      "ci/workflow.yaml": flow({
        build: `echo begun; ${untilThere(go)}; echo done; exit 3`,
        deploy: "echo never",
      }),
    });
    const id = pushedRun(await place.push());
    const response = await fetch(`${place.server?.url}/jobs/${id}.build/logs`, {
      headers: { authorization: `Bearer ${place.token}`, accept: "text/event-stream" },
    });
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (!text.includes("begun")) continue;
      const { status } = await place.until(id, () => true);
      if (!text.includes("done")) assert.equal(status, "running");
      await Deno.writeTextFile(go, "");
    }
    assert.match(text, /"text":"begun\\n".*"text":"done\\n".*event: end/s);
    const run = await place.over(id);
    assert.equal(run.status, "failed");
    assert.deepEqual(run.jobs.map(({ status }) => status), ["failed", "skipped"]);
    const chunk = (await place.ask(`/jobs/${id}.build/logs?offset=6&limit=4`)).body;
    assert.deepEqual([chunk.text, chunk.offset, chunk.next, chunk.isEnd], ["done", 6, 10, false]);
  }));

Deno.test("after a crash a run goes on at its own commit, though a newer one was pushed", () =>
  withGit(async (place) => {
    const go = `${place.dir}/go`;
    await ready(place, {
      "ci/workflow.yaml": flow({ wait: untilThere(go), read: READ, code: "true" }),
      "hello.txt": "old",
    });
    const old = pushedRun(await place.push());
    await place.until(old, ({ jobs }) => jobs[0]?.status === "running");
    await place.commit({ "ci/workflow.yaml": flow({ wait: untilThere(go) }), "hello.txt": "new" });
    const next = pushedRun(await place.push());
    await place.until(next, ({ jobs }) => jobs[0]?.status === "running");
    await place.crash();
    // Whatever was checked out is gone, as after a move to another disk.
    await Deno.remove(`${place.dir}/server/.pd/repositories/app/checkouts`, { recursive: true });
    await place.serve();
    await Deno.writeTextFile(go, "");
    const run = await place.over(old);
    assert.equal(run.status, "success", JSON.stringify(run));
    assert.equal(await place.log(old, "read"), "old\n");
    assert.equal((await place.over(next)).status, "success");
  }));

Deno.test("an attached template runs in each push: the newest version, or the one it stays at", () =>
  withGit(async (place) => {
    await ready(place, { "ci/workflow.yaml": flow({ read: READ }), "hello.txt": "files" });
    const inputs = "inputs:\n  tag: { type: string }\n  image: { type: string, " +
      "default: 'app:{{ .commit }}' }\n";
    const template = (version: number) => ({
      "lint/workflow.yaml": flow(
        { tell: 'echo v; cat "$PD_INPUT_FILE" hello.txt' },
        inputs,
      ).replace("echo v", `echo v${version}`),
    });
    async function store(version: number): Promise<void> {
      for (const [path, text] of Object.entries(template(version))) {
        await Deno.mkdir(`${place.dir}/server/t/lint`, { recursive: true });
        await Deno.writeTextFile(`${place.dir}/server/t/${path}`, text);
      }
      const added = await place.pd("repo", "template", "add", "lint", "t/lint");
      assert.equal(added.stdout, `template lint version ${version}\n`, added.stderr);
    }
    async function attach(...args: string[]): Promise<void> {
      const given = ["repo", "template", "attach", "lint", "app", ...args];
      const attached = await place.pd(...given, "--input", "tag={{ .repository }}@{{ .branch }}");
      assert.equal(attached.code, 0, attached.stderr);
    }
    async function pushed(): Promise<string> {
      const commit = await place.commit({});
      const said = await place.push();
      const { runs } = JSON.parse(/pd: (\{.*\})/.exec(said)?.[1] ?? "{}");
      assert.deepEqual(runs.map((run: { workflow: string }) => run.workflow), [
        "repo:app",
        "repo:app:lint",
      ]);
      const { status, error } = await place.over(runs[1].id);
      assert.equal(status, "success", String(error));
      return (await place.log(runs[1].id, "tell")).replace(commit, "COMMIT");
    }
    const told = (version: number) => `v${version}\n{"image":"app:COMMIT","tag":"app@main"}files\n`;
    await store(1);
    await attach();
    assert.equal(await pushed(), told(1));
    await store(2);
    assert.equal(await pushed(), told(2));
    await attach("--version", "1");
    assert.equal(await pushed(), told(1));
    assert.equal((await place.pd("repo", "template", "detach", "lint", "app")).code, 0);
    const { body } = await place.post("/repos/app/pipelines/run");
    assert.equal(body.runs.length, 1);
  }));

import assert from "node:assert/strict";
import { flow, type Play, withPlay } from "./_play.ts";

const CRON = "triggers:\n  - { type: cron, name: nightly, schedule: '0 3 * * *' }\n";

async function add(
  { repositories, origin }: Play,
  more: { readonly secretFrom?: string } = {},
): Promise<void> {
  await repositories.add({
    name: "app",
    url: origin,
    workflow: "ci",
    branch: "main",
    secretFrom: undefined,
    ...more,
  });
}

Deno.test("commits that are started at the same time run each as itself", () =>
  withPlay(async (play) => {
    const commits: string[] = [];
    for (let i = 0; i < 6; i++) commits.push(await play.commit(flow(String(i))));
    await add(play);
    const started = await Promise.all(
      commits.map((commit) => play.repositories.run("app", { commit, user: "ann" })),
    );
    const outputs = await Promise.all(started.map(async ({ runs: [{ run }] }) => {
      const { outputs, errors } = await run.result;
      assert.deepEqual(errors, {});
      return outputs["only"];
    }));
    assert.deepEqual(outputs, [0, 1, 2, 3, 4, 5]);
  }));

Deno.test("a checkout that no run needs is removed, but for the newest few", () =>
  withPlay(async (play) => {
    await add(play);
    const commits: string[] = [];
    for (let i = 0; i < 6; i++) {
      commits.push(await play.commit(flow(String(i))));
      const { runs: [{ run }] } = await play.repositories.run("app", { user: "ann" });
      await run.result;
    }
    const kept = await Array.fromAsync(Deno.readDir(`${play.dir}/data/app/checkouts`));
    const names = kept.map(({ name }) => name);
    assert.ok(names.length <= 4, names.join());
    assert.ok(names.includes(commits.at(-1) ?? ""));
    assert.equal(names.includes(commits[0] ?? ""), false);
    const { runs: [{ run }] } = await play.repositories.run("app", {
      commit: commits[0],
      user: "ann",
    });
    assert.equal((await run.result).outputs["only"], 0);
  }));

Deno.test("schedules are those of the repository's branch, whatever else is pushed", () =>
  withPlay(async (play) => {
    await play.commit(flow("1", CRON));
    await add(play);
    await play.repositories.run("app", { user: "ann" });
    await play.registry.begun();
    const names = () => play.registry.get("repo:app")?.triggers().map(({ name }) => name);
    assert.deepEqual(names(), ["nightly"]);
    await play.git("checkout", "--quiet", "-b", "feature");
    const commit = await play.commit(flow("2", CRON.replace("nightly", "hourly")));
    const ref = "refs/heads/feature";
    const { runs: [{ run }] } = await play.repositories.run("app", { commit, ref, user: "ann" });
    assert.equal((await run.result).outputs["only"], 2);
    assert.deepEqual(names(), ["nightly"]);
    assert.notEqual((await play.repositories.store.get("app")).commit, commit);
    await play.git("checkout", "--quiet", "main");
    await play.git("merge", "--quiet", "feature");
    await play.repositories.run("app", { commit, ref: "refs/heads/main", user: "ann" });
    assert.deepEqual(names(), ["hourly"]);
  }));

Deno.test("a broken commit does not let the queue of the workflow run all at once", () =>
  withPlay(async (play) => {
    await play.commit(flow("1", "config: { concurrency: 1 }\n"));
    await add(play);
    await play.repositories.run("app", { user: "ann" });
    await play.commit({ "ci/workflow.yaml": "name: [" });
    const { runs: [{ run, problem }] } = await play.repositories.run("app", { user: "ann" });
    assert.match(problem ?? "", /^WORKFLOW_INVALID/);
    assert.equal((await run.result).status, "failed");
    const { spec } = play.registry.get("repo:app")?.workflow.current ?? {};
    assert.equal(spec?.config.queue.concurrency, 1);
    assert.match(
      (await play.repositories.store.get("app")).problem?.message ?? "",
      /WORKFLOW_INVALID/,
    );
  }));

Deno.test("a commit that is too large is not checked out, and its run says so", () =>
  withPlay(async (play) => {
    await play.commit({ ...flow("1"), "large.txt": "x".repeat(5000) });
    await add(play);
    const { runs: [{ problem }] } = await play.repositories.run("app", { user: "ann" });
    assert.match(problem ?? "", /CHECKOUT_TOO_LARGE.*4KiB/);
  }, { limits: { maxCheckoutBytes: 4096 } }));

Deno.test("a repository that is removed is registered no more, and may be added again", () =>
  withPlay(async (play) => {
    await play.commit(flow("1"));
    await add(play);
    await assert.rejects(add(play), { code: "ALREADY_EXISTS" });
    await play.repositories.run("app", { user: "ann" });
    assert.equal(await play.repositories.remove("app"), true);
    assert.equal(play.registry.get("repo:app"), undefined);
    assert.equal(await play.repositories.remove("app"), false);
    await assert.rejects(play.repositories.run("app", { user: "ann" }), { code: "NOT_FOUND" });
    await add(play);
    const { runs: [{ run }] } = await play.repositories.run("app", { user: "ann" });
    assert.equal((await run.result).status, "succeeded");
  }));

Deno.test("hooks of git, and configuration in a repository, are not run by a fetch or a checkout", () =>
  withPlay(async (play) => {
    const trap = `${play.dir}/trap`;
    await play.commit({
      ...flow("1"),
      ".gitattributes": "*.ts filter=evil\n",
      ".gitmodules": `[submodule "x"]\n\tpath = x\n\turl = ext::touch ${trap}\n`,
    });
    await add(play);
    await play.repositories.run("app", { user: "ann" });
    const [mirror] = await Array.fromAsync(Deno.readDir(`${play.dir}/data/app/mirrors`));
    const hooks = `${play.dir}/data/app/mirrors/${mirror?.name}/hooks`;
    await Deno.mkdir(hooks, { recursive: true });
    for (const name of ["post-checkout", "reference-transaction", "post-merge"]) {
      await Deno.writeTextFile(`${hooks}/${name}`, `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    }
    await play.commit(flow("2"));
    const { runs: [{ run }] } = await play.repositories.run("app", { user: "ann" });
    assert.equal((await run.result).outputs["only"], 2);
    await assert.rejects(Deno.stat(trap), Deno.errors.NotFound);
  }));

Deno.test("inputs of the workflow that are called as values of the push have them", () =>
  withPlay(async (play) => {
    const inputs =
      "inputs:\n  commit: { type: string }\n  tag: { type: string, default: '{{ .branch }}-x' }\n";
    const commit = await play.commit(flow("input", inputs));
    await add(play);
    const { runs: [{ run }] } = await play.repositories.run("app", { user: "ann" });
    assert.deepEqual((await run.result).outputs["only"], { commit, tag: "main-x" });
    const given = { user: "ann", inputs: { tag: "{{ .nope }}" } };
    const { runs: [own] } = await play.repositories.run("app", given);
    const { outputs } = await own.run.result;
    assert.deepEqual(outputs["only"], { commit, tag: "{{ .nope }}" }, "what is given is as it is");
  }));

Deno.test("a retry runs the commit again that failed, though another one is the newest", () =>
  withPlay(async (play) => {
    const gate = `(() => { if (!input.ok) throw new Error("one"); return "one"; })()`;
    const commit = await play.commit(flow(gate));
    await add(play);
    const { runs: [{ run }] } = await play.repositories.run("app", { user: "ann" });
    assert.equal((await run.result).status, "failed");
    await play.commit(flow('"two"'));
    const { runs: [next] } = await play.repositories.run("app", { user: "ann" });
    assert.equal((await next.run.result).outputs["only"], "two");
    const again = await play.registry.get("repo:app")?.workflow.retry(run.id);
    const { errors } = await again?.result ?? {};
    assert.match(errors?.["only"] ?? "", /one/);
    assert.deepEqual(again?.summary.trigger, {
      type: "retry",
      of: run.id,
      repository: "app",
      commit,
      ref: "refs/heads/main",
    });
  }));

Deno.test("a key of one caller is neither another's nor a key for another wish", async () => {
  await withPlay(async ({ origin, repositories, commit }) => {
    const first = await commit(flow("1"));
    const second = await commit(flow("2"));
    await repositories.add({
      name: "shop",
      url: origin,
      workflow: "ci",
      branch: "main",
      secretFrom: undefined,
    });
    const start = async (user: string, wanted: string) =>
      (await repositories.run("shop", { commit: wanted, key: "k", keyOf: user, user })).runs[0];
    const ann = await start("ann", first);
    const again = await start("ann", first);
    assert.deepEqual([again.run.id, again.isNew], [ann.run.id, false]);
    const bob = await start("bob", second);
    assert.equal(bob.isNew, true);
    await assert.rejects(start("ann", second), { code: "IDEMPOTENCY_CONFLICT" });
    await Promise.all([ann.run.result, bob.run.result]);
  });
});

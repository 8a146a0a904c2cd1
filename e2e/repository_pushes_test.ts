import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";
import { flow, type GitPlace, pushedRun, ready, withGit } from "./_git_place.ts";

const SECRET = "hook secret of the test";
const ZEROS = "0".repeat(40);
const FILES = { "ci/workflow.yaml": flow({ read: "cat hello.txt" }), "hello.txt": "here" };

interface Sent {
  readonly body: unknown;
  readonly secret?: string;
  readonly delivery?: string;
  readonly event?: string;
}

/** Delivers a push as GitHub does. */
function github(place: GitPlace, { body, secret = SECRET, delivery = "d1", event = "push" }: Sent) {
  const text = JSON.stringify(body);
  return place.ask("/repos/app/hook", {
    method: "POST",
    body: text,
    headers: {
      authorization: "",
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": delivery,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`,
    },
  });
}

/** A repository that was pushed before anybody hooked it, with a secret for webhooks. */
async function hooked(place: GitPlace): Promise<string> {
  const commit = await place.commit(FILES);
  await place.push();
  await Deno.writeTextFile(`${place.dir}/server/hook-secret`, `${SECRET}\n`);
  await place.serve();
  await place.add("--workflow", "ci", "--secret-from", "file:hook-secret");
  return commit;
}

Deno.test("a webhook with the right signature starts a run once, one with another none", () =>
  withGit(async (place) => {
    const commit = await hooked(place);
    const body = { ref: "refs/heads/main", after: commit, pusher: { name: "bob" } };
    const forged = await github(place, { body, secret: "another" });
    assert.deepEqual([forged.status, forged.body.error.code], [401, "WEBHOOK_REFUSED"]);
    const unsigned = await place.post("/repos/app/hook", body, { headers: { "x-a": "b" } });
    assert.equal(unsigned.status, 401);
    const unknown = await place.post("/repos/nope/hook", body);
    assert.equal(unknown.status, 403, "it does not say that there is none");
    const first = await github(place, { body });
    assert.equal(first.status, 202, JSON.stringify(first.body));
    const run = await place.over(first.body.id);
    assert.deepEqual([run.status, run.user, run.commit], ["success", "bob", commit]);
    const again = await github(place, { body });
    assert.deepEqual([again.body.id, again.body.runs[0].isNew], [first.body.id, false]);
    const deleted = await github(place, { body: { ...body, after: ZEROS }, delivery: "d2" });
    assert.equal(deleted.body.reason, "refs/heads/main was deleted");
    const ping = await github(place, { body: { zen: "…" }, event: "ping", delivery: "d3" });
    assert.equal(ping.body.ignored, true);
    const { runs } = (await place.ask("/repos/app/pipelines/runs")).body;
    assert.equal(runs.length, 1);
  }));

Deno.test("GitLab shows its token, and a tag is run at the commit that it stands for", () =>
  withGit(async (place) => {
    const commit = await hooked(place);
    await place.git("tag", "--annotate", "--message", "first", "v1");
    await place.push("v1");
    const tag = (await place.git("rev-parse", "v1")).trim();
    assert.notEqual(tag, commit);
    const headers = { authorization: "", "x-gitlab-event": "Tag Push Hook" };
    const body = { ref: "refs/tags/v1", after: tag, checkout_sha: commit, user_username: "eve" };
    const wrong = await place.post("/repos/app/hook", body, {
      headers: { ...headers, "x-gitlab-token": "nonsense" },
    });
    assert.equal(wrong.status, 401);
    const right = await place.post("/repos/app/hook", body, {
      headers: { ...headers, "x-gitlab-token": SECRET },
    });
    assert.equal(right.status, 202, JSON.stringify(right.body));
    const run = await place.over(right.body.id);
    assert.deepEqual([run.commit, run.ref, run.user], [commit, "refs/tags/v1", "eve"]);
    const { body: byTag } = await place.post("/repos/app/pipelines/run", { ref: "refs/tags/v1" });
    assert.equal(byTag.commit, commit);
  }));

Deno.test("a commit that cannot be run starts a run that fails and says why", () =>
  withGit(async (place) => {
    await ready(place, { "hello.txt": "no workflow" });
    const CASES = [
      [{}, /WORKFLOW_NOT_FOUND: Cannot open "ci" as a workflow of this commit/],
      [{ "ci/workflow.yaml": "name: [" }, /WORKFLOW_INVALID: .*workflow\.yaml:1:/s],
      [{
        "ci/workflow.yaml": flow(
          { read: "true" },
          "inputs: { size: { type: number, required: true } }\n",
        ),
      }, /INPUT_INVALID: .*"size" is required/s],
    ] as const;
    for (const [files, wanted] of CASES) {
      await place.commit(files);
      const id = pushedRun(await place.push());
      const run = await place.over(id);
      assert.equal(run.status, "failed");
      assert.match(run.error ?? "", wanted);
      assert.equal((run.error ?? "").includes(place.dir), false, "paths of the server stay inside");
      const shown = await place.pd("repo", "show", "app", "-o", "json");
      assert.match(JSON.parse(shown.stdout).problem.message, wanted);
    }
    await place.commit(FILES);
    const good = await place.over(pushedRun(await place.push()));
    assert.equal(good.status, "success");
    assert.equal(
      JSON.parse((await place.pd("repo", "show", "app", "-o", "json")).stdout).problem,
      null,
    );
  }));

Deno.test("several refs of one push are run, the same commit once, and a force push at its new commit", () =>
  withGit(async (place) => {
    await ready(place, FILES);
    const said = await place.push("main", "main:refs/heads/other");
    assert.equal(said.match(/pd: \{"id"/g)?.length, 2);
    const commit = (await place.git("rev-parse", "HEAD")).trim();
    const asked = { commit, ref: "refs/heads/main" };
    const same = await place.post("/repos/app/pipelines/run", asked);
    assert.deepEqual([same.body.id, same.body.runs[0].isNew], [pushedRun(said), false]);
    const again = await place.post("/repos/app/pipelines/run", { ...asked, again: true });
    assert.equal(again.body.runs[0].isNew, true);
    assert.equal(
      (await place.push(":other")).includes("pd:"),
      false,
      "nothing is run of no branch",
    );
    await place.git("commit", "--quiet", "--amend", "--message", "another");
    const run = await place.over(pushedRun(await place.push()));
    assert.equal(run.commit, (await place.git("rev-parse", "HEAD")).trim());
    // What is on no branch any more is here still.
    const gone = await place.post("/repos/app/pipelines/run", { commit: commit.slice(0, 12) });
    assert.equal((await place.over(gone.body.id)).commit, commit);
  }));

Deno.test("addresses, refs, paths and links that lead astray are refused, and nothing is run by them", () =>
  withGit(async (place) => {
    const trap = `${place.dir}/trapped`;
    await ready(place, FILES);
    await place.over(pushedRun(await place.push()));
    const urls = [
      `ext::sh -c touch% ${trap}`,
      `ext::touch%20${trap}`,
      `--upload-pack=touch ${trap}`,
      `ssh://-oProxyCommand=touch%20${trap}/x`,
      "http://example.com/app.git",
      "https://ann:secret@example.com/app.git",
      "-u",
    ];
    for (const url of urls) {
      const { status, body } = await place.post("/api/v1/repos", { name: "bad", url });
      assert.deepEqual([status, body.error.code], [400, "GIT_URL_INVALID"], url);
      assert.equal(JSON.stringify(body).includes("ann:secret"), false);
    }
    const refs = [
      { ref: `--upload-pack=touch ${trap}` },
      { ref: "refs/heads/../../x" },
      { branch: "-main" },
      { branch: "a b" },
      { commit: `--upload-pack=touch ${trap}` },
      { commit: "HEAD" },
    ];
    for (const asked of refs) {
      const { status, body } = await place.post("/repos/app/pipelines/run", asked);
      assert.deepEqual([status, body.error.code], [400, "GIT_REF_INVALID"], JSON.stringify(asked));
    }
    for (const workflow of ["../..", "/etc", "a/../../b", ".git/x"]) {
      const asked = { name: "bad", url: place.bare, workflow };
      const { status, body } = await place.post("/api/v1/repos", asked);
      assert.deepEqual([status, body.error.code], [400, "PATH_ESCAPE"], workflow);
    }
    await Deno.mkdir(`${place.dir}/outside`);
    await Deno.writeTextFile(`${place.dir}/outside/workflow.yaml`, flow({ x: `touch ${trap}` }));
    await Deno.remove(`${place.work}/ci`, { recursive: true });
    await Deno.symlink(`${place.dir}/outside`, `${place.work}/ci`);
    await place.commit({});
    const linked = await place.over(pushedRun(await place.push()));
    assert.match(linked.error ?? "", /PATH_ESCAPE/);
    await Deno.remove(`${place.work}/ci`);
    await Deno.mkdir(`${place.work}/ci`);
    await Deno.symlink(`${place.dir}/outside/workflow.yaml`, `${place.work}/ci/workflow.yaml`);
    await place.commit({});
    assert.match((await place.over(pushedRun(await place.push()))).error ?? "", /PATH_ESCAPE/);
    await assert.rejects(Deno.stat(trap));
    const missing = await place.post("/repos/app/pipelines/run", { branch: "nope" });
    assert.deepEqual([missing.status, missing.body.error.code], [404, "COMMIT_NOT_FOUND"]);
    await Deno.rename(place.bare, `${place.bare}.moved`);
    const moved = await place.post("/repos/app/pipelines/run");
    assert.deepEqual([moved.status, moved.body.error.code], [502, "REPOSITORY_UNAVAILABLE"]);
    assert.match(
      (await place.pd("repo", "show", "app")).stdout,
      /problem .*REPOSITORY_UNAVAILABLE/,
    );
  }));

Deno.test("pd repo --server manages what the server has, and a token of one repository sees no other", () =>
  withGit(async (place) => {
    await place.commit(FILES);
    await place.push();
    const server = await place.serve();
    const at = ["--server", server.url];
    assert.equal(
      (await place.pd("repo", "add", "one", "--git", place.bare, "--workflow", "ci", ...at)).code,
      0,
    );
    assert.equal((await place.pd("repo", "add", "two", "--git", place.bare, ...at)).code, 0);
    const again = await place.pd("repo", "add", "two", "--git", place.bare, ...at);
    assert.match(again.stderr, /ALREADY_EXISTS/);
    const listed = await place.pd("repo", "list", "-o", "json", ...at);
    assert.deepEqual(
      JSON.parse(listed.stdout).repositories.map(({ name }: { name: string }) => name),
      ["one", "two"],
    );
    const narrow = await server.token("--scope", "run", "--workflow", "repo:one*");
    const headers = { authorization: `Bearer ${narrow}` };
    const own = await place.post("/repos/one/pipelines/run", {}, { headers });
    assert.equal(own.status, 202, JSON.stringify(own.body));
    const other = await place.post("/repos/two/pipelines/run", {}, { headers });
    assert.deepEqual([other.status, other.body.error.code], [404, "NOT_FOUND"]);
    assert.equal((await place.ask("/api/v1/repos", { headers })).body.repositories.length, 1);
    assert.equal((await place.ask("/repos/two/pipelines/runs", { headers })).status, 404);
    const added = await place.post("/api/v1/repos", { name: "x", url: "/x" }, { headers });
    assert.deepEqual([added.status, added.body.error.code], [403, "SCOPE_MISSING"]);
    const none = await place.post("/repos/two/pipelines/run");
    assert.match(none.body.error.message, /neither a workflow nor an attached template/);
    assert.equal((await place.pd("repo", "rm", "one", ...at)).code, 0);
    assert.equal((await place.post("/repos/one/pipelines/run")).status, 404);
  }));

const docker = await DockerServer.find();

Deno.test({
  name: "RUNNER_CONTAINER_ENGINE runs the jobs of a commit in containers of docker",
  ignore: docker.status === "missing",
  fn: () =>
    withGit(async (place) => {
      await using daemon = await DockerServer.start();
      const dir = `${place.dir}/runner`;
      await place.commit({
        "ci/workflow.yaml": `name: build
version: "1.0"
nodes:
  read: { image: "${BUSYBOX}", pull: never, run: "cat hello.txt > copy.txt; id -u; pwd" }
  more: { image: "${BUSYBOX}", pull: never, run: "cat copy.txt", depends_on: [read] }
`,
        "hello.txt": "in a container",
      });
      await place.serve({ RUNNER_CONTAINER_ENGINE: daemon.address, RUNNER_WORKDIR: dir });
      await place.add("--workflow", "ci");
      await place.installHook();
      const id = pushedRun(await place.push());
      const run = await place.over(id);
      assert.equal(run.status, "success", String(run.error));
      assert.match(await place.log(id, "read"), /\/workspace\n$/);
      assert.equal(await place.log(id, "more"), "in a container\n");
      assert.ok((await Deno.stat(`${dir}/app/checkouts/${run.commit}`)).isDirectory);
    }),
});

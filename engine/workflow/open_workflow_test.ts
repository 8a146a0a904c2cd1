import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import type { NodeRunnerOptions } from "../nodes/mod.ts";
import { FakeRunner } from "./_test_workflow.ts";
import { folderSource } from "./folder_source.ts";
import { openWorkflow, type WorkflowSettings } from "./open_workflow.ts";
import type { ReloadOutcome, Workflow } from "./workflow.ts";
import { WorkflowInvalidError } from "./workflow_invalid_error.ts";

const GOOD = `name: demo
version: "1.0"
description: A demo
nodes:
  a: { path: ./a.ts }
`;

/** Opens a folder with this text over fake nodes, and hands over what its runners were made with. */
async function withOpen(
  text: string,
  test: (open: {
    readonly dir: string;
    readonly made: NodeRunnerOptions[];
    workflow(options?: Partial<WorkflowSettings>): Promise<Workflow>;
  }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  const made: NodeRunnerOptions[] = [];
  try {
    await Deno.writeTextFile(`${dir}/workflow.yaml`, text);
    await test({
      dir,
      made,
      workflow: (options = {}) =>
        openWorkflow({
          dir,
          createRunner(options) {
            made.push(options);
            return Promise.resolve(new FakeRunner({ a: () => options.version }));
          },
          ...options,
        }),
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("openWorkflow() reads, compiles and hands secrets to the runner", () =>
  withOpen(GOOD, async ({ dir, made, workflow }) => {
    await Deno.writeTextFile(`${dir}/.secrets.yaml`, "github: { token: canary-1234 }\n");
    await using opened = await workflow();
    assert.equal(opened.current.spec.name, "demo");
    assert.equal(opened.file, `${dir}/workflow.yaml`);
    assert.deepEqual(made[0]?.secrets, { github: { token: "canary-1234" } });
    assert.ok(made[0]?.secretFiles.includes(`${dir}/.secrets.yaml`));
    assert.equal(made[0]?.http.kind, "live");
    assert.deepEqual(opened.redact({ a: "canary-1234" }), { a: "***" });
  }));

Deno.test("openWorkflow() reports problems of the file and of the graph together, by line", () =>
  withOpen(
    GOOD.replace("./a.ts }", "./a.ts, timeot: 5s, depends_on: [b] }").replace('"1.0"', "one"),
    async ({ workflow }) => {
      await assert.rejects(workflow(), (error) => {
        assert.ok(error instanceof WorkflowInvalidError);
        const codes = error.diagnostics.map(({ line, code }) => `${line} ${code}`);
        assert.deepEqual(codes, ["2 SPEC_VALUE", "5 SPEC_UNKNOWN_KEY", "5 DAG_UNKNOWN_NODE"]);
        assert.match(error.message, /3 problems, the first at line 2/);
        return true;
      });
    },
  ));

Deno.test("openWorkflow() hands on what the runner refuses", () =>
  withOpen(GOOD, async ({ workflow }) => {
    await assert.rejects(
      workflow({
        createRunner: () => Promise.reject(new CodedError("PATH_ESCAPE", "out of the folder")),
      }),
      { code: "PATH_ESCAPE" },
    );
    await assert.rejects(workflow({ secretsPath: "/not/there" }), { code: "SECRETS_NOT_FOUND" });
  }));

Deno.test("openWorkflow() passes warnings on without secrets", () =>
  withOpen(GOOD, async ({ dir, made, workflow }) => {
    await Deno.writeTextFile(`${dir}/.secrets.yaml`, "github: { token: canary-1234 }\n");
    const warnings: string[] = [];
    await using _ = await workflow({ onWarning: (message) => warnings.push(message) });
    made[0]?.onWarning("saw canary-1234");
    assert.deepEqual(warnings, ["saw ***"]);
  }));

Deno.test("watch() reloads after an edit, says what is wrong with a broken one, and recovers", () =>
  withOpen(GOOD, async ({ dir, made, workflow }) => {
    await using opened = await workflow();
    const outcomes: ReloadOutcome[] = [];
    let wake = (): void => {};
    await using _ = opened.watch((outcome) => {
      outcomes.push(outcome);
      wake();
    });
    async function edit(file: string, text: string): Promise<ReloadOutcome | undefined> {
      await Deno.writeTextFile(`${dir}/${file}`, text);
      while (outcomes.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return outcomes.shift();
    }
    assert.deepEqual(await edit("a.ts", "// new"), {
      status: "reloaded",
      version: 2,
      changed: ["a.ts"],
    });
    const broken = await edit("workflow.yaml", "name: [\n");
    assert.ok(broken?.status === "failed" && broken.error instanceof WorkflowInvalidError);
    assert.deepEqual((await (await opened.start()).result).outputs, { a: 2 });
    assert.equal((await edit("workflow.yaml", GOOD))?.status, "reloaded");
    const secrets = await edit(".secrets.yaml", "github: { token: canary-1234 }\n");
    assert.equal(secrets?.status, "reloaded");
    assert.deepEqual(made.at(-1)?.secrets, { github: { token: "canary-1234" } });
    assert.deepEqual(made.map(({ version }) => version), [1, 2, 3, 4]);
  }));

Deno.test("watch() takes what a node may write for output, not for an edit", () =>
  withOpen(
    GOOD.replace("./a.ts }", "./a.ts, permissions: { write: [./out] } }"),
    async ({ dir, workflow }) => {
      await using opened = await workflow();
      await Deno.mkdir(`${dir}/out`);
      const outcome = Promise.withResolvers<ReloadOutcome>();
      await using _ = opened.watch(outcome.resolve);
      await Deno.writeTextFile(`${dir}/out/result.json`, "{}");
      await Deno.writeTextFile(`${dir}/a.ts`, "// new");
      assert.deepEqual((await outcome.promise as { changed: unknown }).changed, ["a.ts"]);
    },
  ));

Deno.test("secrets of the caller are those of a service with one value, and are redacted", () =>
  withOpen(GOOD, async ({ dir, made, workflow }) => {
    await Deno.writeTextFile(`${dir}/.secrets.yaml`, "API: { value: old-value, id: other-one }\n");
    await using opened = await workflow({ secretValues: { API: "canary-1234", B: "canary-5678" } });
    assert.deepEqual(made[0]?.secrets, {
      API: { value: "canary-1234", id: "other-one" },
      B: { value: "canary-5678" },
    });
    assert.deepEqual(opened.redact("canary-5678 old-value"), "*** old-value");
  }));

Deno.test("a container node whose secret is missing lets no run start, and names the key", () =>
  withOpen(
    GOOD.replace(
      "./a.ts }",
      `./a.ts }
  b: { image: alpine, run: x, env: { A: "secret:github.token", B: "secret:KEY", C: plain } }`,
    ),
    async ({ dir, made, workflow }) => {
      {
        await using opened = await workflow();
        await assert.rejects(opened.start(), {
          code: "SECRET_MISSING",
          message:
            'Cannot start node "b" as its env needs the secret "github.token": it is missing, ' +
            "and so is KEY",
          fix: 'Write to .secrets.yaml: github: { token: "…" }',
        });
        assert.deepEqual(await opened.runs(), []);
      }
      await Deno.writeTextFile(`${dir}/.secrets.yaml`, "github: { token: canary-1234 }\n");
      {
        await using opened = await workflow();
        await assert.rejects(opened.start(), { message: /"KEY": there is none$/ });
      }
      await using opened = await workflow({ secretValues: { KEY: "canary-5678" } });
      await (await opened.start()).result;
      assert.equal(made.length, 3);
    },
  ));

Deno.test("openWorkflow() reads a source in place of a folder, again for each reload", () =>
  withOpen(GOOD, async ({ dir, made }) => {
    const read = folderSource({ dir, file: `${dir}/workflow.yaml` }, undefined);
    let loads = 0;
    const problems: Error[] = [];
    await using opened = await openWorkflow({
      source: {
        dir,
        file: `${dir}/many.yml`,
        async load() {
          for (const problem of problems) throw problem;
          const { spec, ...graph } = await read.load();
          return { ...graph, spec: { ...spec, description: `loaded ${++loads}` } };
        },
      },
      workflowKey: "many:demo",
      createRunner(options) {
        made.push(options);
        return Promise.resolve(new FakeRunner({ a: () => options.version }));
      },
    });
    assert.equal(opened.current.spec.description, "loaded 1");
    assert.deepEqual([opened.dir, opened.file], [dir, `${dir}/many.yml`]);
    assert.equal(opened.workflowKey, "many:demo");
    await opened.reload();
    assert.equal(opened.current.spec.description, "loaded 2");
    problems.push(new Error("broken"));
    await assert.rejects(opened.reload(), /broken/);
    assert.equal(opened.current.spec.description, "loaded 2");
    const run = await opened.start();
    assert.deepEqual((await run.result).outputs, { a: 2 });
    assert.equal(made.length, 2);
  }));

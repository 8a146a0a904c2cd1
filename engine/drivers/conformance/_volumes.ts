import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";

/** Folders that outlive containers. */
export const VOLUME_CASES: readonly ConformanceCase[] = [
  {
    does: "hands a volume from step to step",
    async run(t) {
      await t.sh("echo one > file");
      await t.sh("echo two >> file");
      assert.equal(await t.shText("cat file"), "one\ntwo");
    },
  },
  {
    does: "shares a volume among steps that run at the same time",
    needs: "sharedVolumes",
    async run(t) {
      const waitFor = (name: string) => `until [ -e ${name} ]; do sleep 0.05; done`;
      const [one, two] = await Promise.all([
        t.sh(`echo 1 > one; ${waitFor("two")}; cat two`),
        t.sh(`${waitFor("one")}; cat one; echo 2 > two`),
      ]);
      assert.deepEqual([one.stdout, two.stdout], ["2\n", "1\n"]);
    },
  },
  {
    does: "mounts further volumes outside the workspace",
    async run(t) {
      const place = t.place("data", "/data");
      const mounts = await t.mounts("data", "/data");
      await t.sh(`echo kept > ${place}/file`, { mounts });
      assert.equal(await t.shText("ls"), "", "the workspace has it not");
      assert.equal(await t.shText(`cat ${place}/file`, { mounts }), "kept");
    },
  },
  {
    does: "mounts a volume inside the workspace",
    async run(t) {
      const mounts = await t.mounts("cache", "/workspace/var/cache");
      await t.sh("echo cached > var/cache/file", { mounts });
      assert.equal(await t.shText("cat var/cache/file", { mounts }), "cached");
      assert.equal(await t.shText("cat var/cache/file 2>/dev/null || echo no"), "no");
    },
  },
  {
    does: "mounts one volume at two places",
    async run(t) {
      const mounts = [
        ...await t.mounts("cache", "/workspace/one"),
        await t.mount("cache", "/workspace/two"),
      ];
      assert.equal(await t.shText("echo same > one/file; cat two/file", { mounts }), "same");
    },
  },
  {
    does: "keeps a read-only mount as it is",
    needs: "readOnlyMounts",
    async run(t) {
      const place = t.place("data", "/data");
      await t.sh(`echo kept > ${place}/file`, { mounts: await t.mounts("data", "/data") });
      const mounts = await t.mounts("data", "/data", true);
      const { code, stdout } = await t.sh(`cat ${place}/file; echo x > ${place}/file`, { mounts });
      assert.equal(stdout, "kept\n");
      assert.notEqual(code, 0);
    },
  },
  {
    does: "gives the same volume for the same name in a run, and another one in another run",
    async run(t) {
      const { driver, runId } = t;
      await t.sh("echo mine > file");
      const again = await driver.createVolume({ runId, name: "workdir" });
      const mounts = [{ volume: again, path: "/workspace", readOnly: false }];
      assert.equal(await t.shText("cat file", { mounts }), "mine");

      const other = crypto.randomUUID();
      try {
        const volume = await driver.createVolume({ runId: other, name: "workdir" });
        const away = [{ volume, path: "/workspace", readOnly: false }];
        assert.equal(await t.shText("ls", { mounts: away, runId: other }), "");
      } finally {
        await driver.endRun(other);
      }
    },
  },
  {
    does: "takes any name for a volume",
    async run(t) {
      for (const name of ["..", "a/b", "Ümlaut und Platz", "x".repeat(60)]) {
        await t.driver.removeVolume(await t.driver.createVolume({ runId: t.runId, name }));
      }
    },
  },
  {
    does: "removes a volume",
    async run(t) {
      const volume = await t.driver.createVolume({ runId: t.runId, name: "short" });
      await t.driver.removeVolume(volume);
      await t.driver.removeVolume(volume);
      const left = (await t.fixture.leftovers(t.runId)).filter((name) => name.includes("short"));
      assert.deepEqual(left, []);
    },
  },
];

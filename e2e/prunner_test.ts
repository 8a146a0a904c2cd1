/** prunner's API as its clients rely on it: `pd serve` as a process, real scripts, everything seen over HTTP. */
import { stringify } from "yaml";
import { PrunnerServer } from "./_prunner_server.ts";
import { PRUNNER_CASES } from "./prunner_cases/mod.ts";

Deno.test("prunner's API, one server for all", async (t) => {
  const pipelines = Object.assign({}, ...PRUNNER_CASES.map(({ pipelines }) => pipelines));
  await using server = await PrunnerServer.start({
    files: {
      "pipelines.yml": stringify({ pipelines }),
      ".env": "BY_DOTENV=dotenv\nBY_LOCAL=dotenv\nBY_PIPELINE=dotenv\nBY_TASK=dotenv\n",
      ".env.local": "BY_LOCAL=local\nBY_PIPELINE=local\nBY_TASK=local\n",
    },
    env: {
      BY_PROCESS: "process",
      BY_DOTENV: "process",
      BY_LOCAL: "process",
      BY_PIPELINE: "process",
      BY_TASK: "process",
    },
  });
  for (const { does, show } of PRUNNER_CASES) {
    // Connections of the client outlive a step, and end with the test.
    await t.step({
      name: does,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => show({ server, client: server.client }),
    });
  }
});

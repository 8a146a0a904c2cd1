import assert from "node:assert/strict";
import fc from "fast-check";
import { answerChecker } from "./_answer_checker.ts";
import { arbitraryRequest } from "./_arbitrary_request.ts";
import { flow, type TestApi, withApi } from "./_test_api.ts";
import { apiTable } from "./api_routes.ts";
import { openApi } from "./open_api.ts";

const FILES = {
  ...flow("hello", { more: "inputs:\n  n: { type: integer, default: 1 }\n" }),
  ...flow("daily", { more: "triggers:\n  - { type: cron, name: daily, schedule: '0 9 * * *' }\n" }),
  "pipelines.yml":
    "pipelines:\n  echo:\n    tasks:\n      a:\n        script: ['echo hello']\n      b:\n        depends_on: [a]\n        script: ['exit 3']\n",
};

Deno.test("whatever is asked, no answer is a 500 and each is as the document has it", async () => {
  await withApi(FILES, async (api) => {
    const { registry } = api;
    const document = openApi(apiTable({ registry, ...api.parts }), { isOpen: false });
    const checker = answerChecker(document);
    const known = {
      workflow: ["hello", "daily", "echo"],
      run: await someRuns(api),
      "delete run": await someRuns(api),
      node: ["only", "a", "b"],
    };
    await fc.assert(
      fc.asyncProperty(arbitraryRequest(document, known), async (request) => {
        const { method, target, body } = request;
        const response = await api.send(target, {
          method,
          headers: { ...await api.bearer(), ...request.headers },
          ...body === undefined ? {} : { body },
        });
        const { status } = response;
        const type = response.headers.get("content-type") ?? "";
        const isStream = type.startsWith("text/event-stream");
        const text = isStream ? "" : await response.text();
        if (isStream) await response.body?.cancel();
        assert.ok(status < 500, `${status} ${text}`);
        assert.equal(checker.check(request, { status, type, text }), undefined);
      }),
      { numRuns: Number(Deno.env.get("PD_CASES") ?? 1000) },
    );
    assert.deepEqual(api.faults, []);
  });
});

async function someRuns({ post }: TestApi): Promise<readonly string[]> {
  const runs: string[] = [];
  for (const name of ["hello", "daily", "echo"]) {
    const { body } = await post(`/workflows/${name}/runs?wait=true`);
    runs.push(String(body["runId"]));
  }
  return runs;
}

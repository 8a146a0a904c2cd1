import { withFolder } from "./_engine_process.ts";
import { serve, type ServeProcess } from "./_serve_process.ts";

/** Text that a careless page would run. */
export const MARKUP =
  `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

/** What the page of the tests shows: scripts that wait for files of the folder, so that nothing depends on time. */
const PIPELINES = `pipelines:
  gated:
    tasks:
      first:
        script:
          - printf '\\033[32mfirst line\\033[0m\\n'
          - until [ -e go ]; do sleep 0.02; done
          - echo last line
      second:
        depends_on: [first]
        script:
          - echo second runs
          - test -e healed || { echo 'not <b>healed</b>' >&2; exit 3; }
      third:
        depends_on: [second]
        script: [echo third runs]
  one-at-a-time:
    concurrency: 1
    tasks:
      wait: { script: ["echo waiting; until [ -e go-on ]; do sleep 0.02; done"] }
  quick:
    schedule: "0 3 * * *"
    tasks:
      only: { script: ["echo quick {{ default \\"none\\" .who | quote }}"] }
`;

const WORKFLOW = `name: careful
version: "1.0"
description: ${JSON.stringify(MARKUP)}
inputs:
  topic: { type: string, default: deno, description: ${JSON.stringify(MARKUP)} }
  count: { type: integer, required: true, description: How many }
  format: { type: string, enum: [short, long], default: short }
  tags: { type: array }
nodes:
  say: { path: ./say.ts, isolation: none }
  fail: { path: ./fail.ts, isolation: none, depends_on: [say], allow_failure: true }
`;
const SAY = `export default (ctx, input) => {
  ctx.log.info(${JSON.stringify(MARKUP)});
  ctx.log.info("\\x1b]8;;javascript:alert(1)\\x07a link\\x1b]8;;\\x07 \\x1b[31mred\\x1b[0m \\x1b[2Jcleared");
  ctx.log.warn("rewritten 10%\\rrewritten 100%");
  return { ...input, ${JSON.stringify(MARKUP)}: ${JSON.stringify(MARKUP)} };
};
`;
const FAIL = `export default () => { throw new Error(${JSON.stringify(MARKUP)}); };
`;

/** A server with workflows to look at. */
export interface PageServer {
  readonly url: string;
  readonly dir: string;
  readonly server: ServeProcess;
  /** An address that signs in. */
  link(...args: string[]): Promise<string>;
  /** Makes a file that scripts wait for. */
  touch(name: string): Promise<void>;
  /** Starts a run by the API, and gives its id. */
  start(workflow: string, input?: unknown): Promise<string>;
}

/** Hands the test a real `pd serve`, and ends it. */
export function withPageServer(test: (place: PageServer) => Promise<void>): Promise<void> {
  const files = {
    "pipelines.yml": PIPELINES,
    "careful/workflow.yaml": WORKFLOW,
    "careful/say.ts": SAY,
    "careful/fail.ts": FAIL,
    "broken/workflow.yaml": "name: broken\nversion: nothing\n",
  };
  return withFolder(files, async (dir) => {
    await using server = await serve(dir);
    const { url } = server;
    const touch = (name: string) => Deno.writeTextFile(`${dir}/${name}`, "");
    try {
      await test({
        url,
        dir,
        server,
        touch,
        link: async (...args) => `${url}/#token=${await server.token("--sub", "ann", ...args)}`,
        async start(workflow, input = {}) {
          const response = await fetch(`${url}/api/v1/workflows/${workflow}/runs`, {
            method: "POST",
            headers: { authorization: `Bearer ${await server.token("--sub", "ann")}` },
            body: JSON.stringify({ input }),
          });
          const { runId } = await response.json();
          return runId;
        },
      });
    } finally {
      // Whatever still waits may end.
      for (const name of ["go", "go-on"]) await touch(name);
    }
  });
}

import assert from "node:assert/strict";
import { bundlePipeline } from "./bundle_pipeline.ts";
import { PipelineInvalidError } from "./pipeline_invalid_error.ts";

const ECHO = `import { words } from "./lib/words.ts";
import greeting from "../shared/greeting.json" with { type: "json" };
import letter from "./letter.txt" with { type: "text" };
import type { StepResult } from "pipedreamer";

export async function pipeline(): Promise<number> {
  const result: StepResult = await runtime.run({
    name: "echo",
    command: { path: "echo", args: [greeting.hello, letter, ...words(pipelineContext.args)] },
  });
  return result.code;
}
`;
const FILES = {
  "flows/echo.ts": ECHO,
  "flows/lib/words.ts":
    "export const words = (args: readonly string[]): string[] => args.filter(Boolean);",
  "flows/letter.txt": "ä\n",
  "shared/greeting.json": `{"hello": "welcome"}`,
};

Deno.test("bundlePipeline() makes one module of a file and what it imports", async () => {
  await withFiles(FILES, async (dir) => {
    const { files, warnings, inputs } = await bundlePipeline(`${dir}/flows/echo.ts`);
    assert.deepEqual(Object.keys(files), ["pipeline.js"]);
    assert.deepEqual(warnings, []);
    assert.deepEqual([...inputs].sort(), Object.keys(FILES).map((file) => `${dir}/${file}`).sort());
    const code = files["pipeline.js"] ?? "";
    assert.match(code, /welcome/);
    assert.match(code, /ä\\n/);
    assert.match(code, /export \{\s*pipeline\s*\}/);
    assert.doesNotMatch(code, /\bimport\b/);
    assert.doesNotMatch(code, new RegExp(dir));
  });
});

Deno.test("bundlePipeline() gives the same module wherever the files lie", async () => {
  const codes: string[] = [];
  for (let at = 0; at < 2; at++) {
    await withFiles(FILES, async (dir) => {
      const { files } = await bundlePipeline(`${dir}/flows/echo.ts`);
      codes.push(files["pipeline.js"] ?? "");
    });
  }
  assert.equal(codes[0], codes[1]);
});

Deno.test("bundlePipeline() takes in the packages and names that deno.json gives", async () => {
  const files = {
    "deno.json":
      `{ "imports": { "picocolors": "npm:picocolors@1.1.1", "#lib/": "./lib/" } } // own`,
    "lib/a.ts": "export const a = 1;",
    "flows/color.ts": `import colors from "picocolors";
import { a } from "#lib/a.ts";
export function pipeline(): string {
  return colors.createColors(false).red(String(a));
}
`,
  };
  await withFiles(files, async (dir) => {
    const bundled = await bundlePipeline(`${dir}/flows/color.ts`);
    assert.ok(bundled.inputs.includes(`${dir}/deno.json`));
    assert.ok(!bundled.inputs.some((input) => input.includes("node_modules")));
    const path = `${dir}/out.mjs`;
    await Deno.writeTextFile(path, bundled.files["pipeline.js"] ?? "");
    const module = await import(`file://${path}`);
    assert.equal(module.pipeline(), "1");
    const again = await bundlePipeline(`${dir}/flows/color.ts`);
    assert.deepEqual(again.files, bundled.files);
  });
});

Deno.test("an error in a bundled pipeline has the place of its line as it was written", async () => {
  const source =
    `interface Unused {\n  a: 1;\n}\n\nexport function pipeline(): void {\n  throw new Error("x");\n}\n`;
  await withFiles({ "flows/late.ts": source }, async (dir) => {
    const { files } = await bundlePipeline(`${dir}/flows/late.ts`);
    await Deno.writeTextFile(`${dir}/out.mjs`, files["pipeline.js"] ?? "");
    const { pipeline } = await import(`file://${dir}/out.mjs`);
    assert.throws(pipeline, (error: Error) => /\/late\.ts:6:9/.test(error.stack ?? ""));
  });
});

interface Mistake {
  readonly name: string;
  readonly files: { readonly [path: string]: string };
  readonly want: readonly RegExp[];
}

const MISTAKES: readonly Mistake[] = [
  {
    name: "a slip in a call",
    files: {
      "p.ts": `export async function pipeline() {
  await runtime.run({ name: "a", comand: { path: "b" } });
  const n: number = pipelineContext.args;
}
`,
    },
    want: [/^ {2}p\.ts:2:34 TS\d+ .*'comand' does not exist/m, /^ {2}p\.ts:3:9 TS2322 /m],
  },
  {
    name: "a slip in an imported file",
    files: {
      "p.ts": `import { a } from "./lib/a.ts";\nexport const pipeline = () => a;\n`,
      "lib/a.ts": `export const a: number = "1";\n`,
    },
    want: [/^ {2}lib\/a\.ts:1:14 TS2322 /m],
  },
  {
    name: "a syntax error",
    files: { "p.ts": "export function pipeline() {\n  return (;\n}\n" },
    want: [/^ {2}p\.ts:2:11 /m],
  },
  {
    name: "a missing file",
    files: { "p.ts": `import "./gone.ts";\nexport function pipeline() {}\n` },
    want: [/^ {2}p\.ts:1:8 .*gone\.ts/m],
  },
  {
    name: "an import from the web",
    files: {
      "p.ts": `import { x } from "https://example.com/x.ts";\nexport const pipeline = () => x;\n`,
    },
    want: [/^ {2}p\.ts:1:\d+ Cannot import "https:\/\/example\.com\/x\.ts" as .* local files/m],
  },
  {
    name: "a package that nothing explains",
    files: { "p.ts": `import x from "left-pad";\nexport const pipeline = () => x;\n` },
    want: [/^ {2}p\.ts:1:\d+ Cannot import "left-pad" .*"npm:left-pad"/m],
  },
  {
    name: "no function pipeline",
    files: { "p.ts": "export default function () {}\n" },
    want: [/^ {2}p\.ts:1:1 exports no "pipeline"$/m],
  },
  {
    name: "a pipeline that is no function",
    files: { "p.ts": "export const pipeline = 1;\n" },
    want: [/^ {2}p\.ts:1:1 exports a "pipeline" that is no function$/m],
  },
];

for (const { name, files, want } of MISTAKES) {
  Deno.test(`bundlePipeline() places ${name}`, async () => {
    await withFiles(files, async (dir) => {
      const error = await bundlePipeline(`${dir}/p.ts`).then(() => undefined, (thrown) => thrown);
      assert.ok(error instanceof PipelineInvalidError, String(error));
      assert.equal(error.code, "PIPELINE_INVALID");
      for (const one of want) assert.match(error.message.replaceAll(`${dir}/`, ""), one);
    });
  });
}

Deno.test("bundlePipeline() says when there is no such file, or no module", async () => {
  await withFiles({ "p.txt": "" }, async (dir) => {
    for (const path of ["gone.ts", "p.txt", ""]) {
      await assert.rejects(bundlePipeline(`${dir}/${path}`), { code: "TARGET_NOT_FOUND" });
    }
  });
});

async function withFiles(
  files: { readonly [path: string]: string },
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = `${dir}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

import assert from "node:assert/strict";
import { bytesOf, listTree, makeFolder, runProgram } from "./_test_folder.ts";
import { type PackProgress, packWorkspace, unpackTree } from "./mod.ts";

interface Rules {
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
}

/** Names of what goes in, without folders that hold something. */
async function packed(dir: string, { include = [], ignore = [] }: Rules = {}): Promise<string[]> {
  await using target = await makeFolder();
  await unpackTree(target.path, packWorkspace({ dir, include, ignore }));
  const names = (await listTree(target.path)).map((line) => line.replace(/( ->)? .*$/, ""));
  return names.filter((name, at) => !name.endsWith("/") || !names[at + 1]?.startsWith(name));
}

const CASES: readonly (Rules & {
  readonly name: string;
  readonly files: { readonly [name: string]: string };
  readonly want: readonly string[];
})[] = [
  {
    name: "git's own folder and what holds secrets stay out at any depth",
    files: {
      ".git/config": "",
      ".env": "",
      ".env.local": "",
      ".envrc": "",
      ".secrets/github": "",
      ".secrets.yaml": "",
      "sub/.env": "",
      "sub/.git": "gitdir: x",
      "sub/.secrets.yml": "",
      "sub/kept": "",
      ".github/x": "",
      "environment": "",
    },
    want: [".github/x", "environment", "sub/kept"],
  },
  {
    name: ".gitignore leaves out files, folders and patterns, and takes back in",
    files: {
      ".gitignore": "# comment\nnode_modules/\n*.log\n!keep.log\n/dist\nspace\\ \n",
      "node_modules/a/index.js": "",
      "sub/node_modules/b": "",
      "a.log": "",
      "keep.log": "",
      "sub/b.log": "",
      "dist/x": "",
      "sub/dist": "",
      "a.LOG": "",
    },
    want: [".gitignore", "a.LOG", "keep.log", "sub/dist"],
  },
  {
    name: "nested .gitignore files count more than those above, in their folder only",
    files: {
      ".gitignore": "*.txt\nbuild\n",
      "a.txt": "",
      "sub/.gitignore": "!*.txt\n/only-here\n!build\n",
      "sub/a.txt": "",
      "sub/only-here": "",
      "sub/deep/only-here": "",
      "sub/deep/.gitignore": "*.txt",
      "sub/deep/b.txt": "",
      "sub/build/x": "",
      "build/x": "",
      "only-here": "",
    },
    want: [
      ".gitignore",
      "only-here",
      "sub/.gitignore",
      "sub/a.txt",
      "sub/build/x",
      "sub/deep/.gitignore",
      "sub/deep/only-here",
    ],
  },
  {
    name: ".pdignore leaves out more and takes back in what .gitignore left out",
    files: {
      ".gitignore": "dist\n",
      ".pdignore": "!dist\nmedia/\n",
      "dist/x": "",
      "media/film": "",
      "a": "",
    },
    want: [".gitignore", ".pdignore", "a", "dist/x"],
  },
  {
    name: "folders with pattern characters in their names have rules of their own",
    files: {
      "a[b]*/.gitignore": "x\n",
      "a[b]*/x": "",
      "ab/x": "",
      "#!/.gitignore": "x",
      "#!/x": "",
    },
    want: ["#!/.gitignore", "a[b]*/.gitignore", "ab/x"],
  },
  {
    name: "--ignore leaves out more, whatever includes it",
    files: { "a.map": "", "dist/b.map": "", "dist/b.js": "", ".gitignore": "dist" },
    include: ["dist"],
    ignore: ["*.map"],
    want: [".gitignore", "dist/b.js"],
  },
  {
    name: "--include takes in a secret by name, and nothing else that is private",
    files: { ".env": "", ".env.test": "", "sub/.env.test": "", ".secrets.yaml": "", "a": "" },
    include: [".env.test"],
    want: [".env.test", "a", "sub/.env.test"],
  },
  {
    name: "--include of a folder takes in all that is below, but nothing private",
    files: {
      ".gitignore": "dist\n*.log",
      "dist/a.log": "",
      "dist/.env": "",
      "dist/sub/b": "",
      "c.log": "",
    },
    include: ["dist"],
    want: [".gitignore", "dist/a.log", "dist/sub/b"],
  },
  {
    name:
      "--include with a path leads into folders that are left out, and takes nothing else there",
    files: {
      ".gitignore": "node_modules",
      "node_modules/a/dist/x": "",
      "node_modules/a/src/x": "",
      "node_modules/b/dist/x": "",
      "other/node_modules/x": "",
    },
    include: ["node_modules/*/dist"],
    want: [".gitignore", "node_modules/a/dist/x", "node_modules/b/dist/x", "other/"],
  },
  {
    name: "symlinks are kept as they are, and rules for folders do not mean them",
    files: { ".gitignore": "build/\n", "real/x": "", "build": "-> real", "out": "-> /etc" },
    want: [".gitignore", "build", "out", "real/x"],
  },
];

for (const { name, files, want, ...rules } of CASES) {
  Deno.test(`packWorkspace(): ${name}`, async () => {
    await using source = await makeFolder();
    await source.fill(files);
    assert.deepEqual(await packed(source.path, rules), want);
  });
}

Deno.test("packWorkspace() and git agree on what is ignored", async () => {
  await using source = await makeFolder();
  const patterns = [
    "*.a",
    "!x.a",
    "/d1",
    "d2/",
    "d1/**/x.b",
    "**/d3",
    "?.c",
    "[xy].d",
    "!d2",
    "d1/*",
    "!d1/d3",
    "d3/x.a",
  ];
  const files: { [name: string]: string } = {};
  for (const dir of ["", "d1/", "d2/", "d1/d2/", "d1/d3/", "d3/d1/", "d2/d3/d1/"]) {
    for (const file of ["x.a", "y.a", "x.b", "x.c", "xy.c", "x.d", "z.d", "plain"]) {
      files[dir + file] = "";
    }
  }
  await source.fill(files);
  await runProgram(["git", "init", "-q", source.path]);
  for (let round = 0; round < 12; round++) {
    const pick = (seed: number) => patterns.filter((_, at) => (at * 7 + round * 3 + seed) % 5 < 2);
    await Deno.writeTextFile(`${source.path}/.gitignore`, pick(0).join("\n"));
    await Deno.writeTextFile(`${source.path}/d1/.gitignore`, pick(1).join("\n"));
    await Deno.writeTextFile(`${source.path}/d2/.gitignore`, pick(2).join("\n"));
    const listed = await runProgram([
      "git",
      "-C",
      source.path,
      "ls-files",
      "-coz",
      "--exclude-standard",
    ]);
    const want = new TextDecoder().decode(listed).split("\0").filter((name) => name !== "").sort();
    const got = (await packed(source.path)).filter((name) => !name.endsWith("/")).sort();
    assert.deepEqual(got, want, `round ${round}`);
  }
});

Deno.test("the rules of the repository around a folder count, unless they leave out the folder itself", async () => {
  await using source = await makeFolder();
  await source.fill({
    ".git/HEAD": "",
    ".gitignore": "*.log\n/pkg/dist\n/build\n",
    "pkg/.gitignore": "tmp\n",
    "pkg/a.log": "",
    "pkg/dist/x": "",
    "pkg/src/tmp": "",
    "pkg/src/a": "",
    "build/a.log": "",
  });
  assert.deepEqual(await packed(`${source.path}/pkg`), [".gitignore", "src/a"]);
  assert.deepEqual(await packed(`${source.path}/pkg/src`), ["a"]);
  assert.deepEqual(await packed(`${source.path}/build`), ["a.log"]);
});

Deno.test("what is left out is not looked at", async () => {
  await using source = await makeFolder();
  await source.fill({ ".gitignore": "closed/\n", "closed/a": "", "a": "" });
  const listed: string[] = [];
  const readDir = Deno.readDir;
  Deno.readDir = (path) => {
    listed.push(String(path));
    return readDir(path);
  };
  try {
    await packed(source.path);
  } finally {
    Deno.readDir = readDir;
  }
  assert.ok(!listed.some((path) => path === `${source.path}/closed`), listed.join());
});

Deno.test("progress counts entries and bytes up to what was packed", async () => {
  await using source = await makeFolder();
  await source.fill({ "a": "12345", "b/c": "678", "d": "-> a" });
  const seen: PackProgress[] = [];
  const onProgress = (progress: PackProgress) => void seen.push(progress);
  await bytesOf(packWorkspace({ dir: source.path, include: [], ignore: [] }, { onProgress }));
  assert.deepEqual(seen.at(-1), { files: 4, bytes: 8 });
  assert.equal(seen.length, 4);
});

import assert from "node:assert/strict";
import { checkContents, checkLinks } from "./check_pages.ts";

Deno.test("checkLinks() accepts files, folders, headings and addresses", () => {
  const pages = [
    {
      path: "docs/a.md",
      text: "# A page\n[b](sub/b.md#two-words) [up](../engine) [me](#a-page)\n",
    },
    {
      path: "docs/sub/b.md",
      text: "# B\n\n## Two `words`!\n[x](https://example.com/x) [a](../a.md)",
    },
  ];
  assert.deepEqual(checkLinks(pages, ["docs/a.md", "docs/sub/b.md", "engine/mod.ts"]), []);
});

Deno.test("checkLinks() reports a link to a file that is not there, with its line", () => {
  const [problem] = checkLinks([{ path: "docs/a.md", text: "# A\n\nsee [b](b.md)" }], [
    "docs/a.md",
  ]);
  assert.equal(problem?.where, "docs/a.md:3");
  assert.equal(problem?.what, 'links to "b.md": there is no docs/b.md');
});

Deno.test("checkLinks() reports a heading that is not there and lists those that are", () => {
  const [problem] = checkLinks([{ path: "a.md", text: "# One\n## One\n[x](#two)" }], ["a.md"]);
  assert.equal(problem?.what, 'links to "#two": a.md has no heading of that name');
  assert.equal(problem?.fix, "Use one of: #one #one-1");
});

Deno.test("checkLinks() does not read code as links", () => {
  const text = "# A\n\n```ts\nx[0](gone.md);\n```\n\nand `[y](gone.md)`\n";
  assert.deepEqual(checkLinks([{ path: "a.md", text }], ["a.md"]), []);
});

Deno.test("checkContents() names the page that nobody would find, and the line to add", () => {
  const contents = { path: "docs/README.md", text: "- [A](a.md)" };
  const pages = [
    contents,
    { path: "docs/a.md", text: "# A" },
    { path: "docs/x/b.md", text: "# The B" },
    { path: "README.md", text: "# Root" },
  ];
  assert.deepEqual(checkContents(contents, pages), [{
    where: "docs/README.md",
    what: "does not link to docs/x/b.md",
    fix: "Add a line: - [The B](x/b.md)",
  }]);
});

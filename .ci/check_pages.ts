import type { Problem } from "./problem.ts";

/** A Markdown page: its path relative to the project's root, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

interface Link {
  readonly target: string;
  readonly line: number;
}

/** Links between pages that lead nowhere: to no file, to no folder, or to no heading of a page. */
export function checkLinks(pages: readonly Page[], files: readonly string[]): Problem[] {
  const known = new Set(files);
  const byPath = new Map(pages.map((page) => [page.path, page]));
  const problems: Problem[] = [];
  for (const page of pages) {
    for (const { target, line } of linksOf(page.text)) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page.path : resolve(page.path, file);
      const isThere = known.has(path) || path === "" ||
        files.some((one) => one.startsWith(`${path.replace(/\/$/, "")}/`));
      if (!isThere) {
        problems.push({
          where: `${page.path}:${line}`,
          what: `links to "${target}": there is no ${path}`,
          fix: "Correct the link, or add the page",
        });
        continue;
      }
      const there = byPath.get(path);
      if (anchor === undefined || there === undefined) continue;
      const anchors = anchorsOf(there.text);
      if (anchors.has(anchor)) continue;
      problems.push({
        where: `${page.path}:${line}`,
        what: `links to "${target}": ${path} has no heading of that name`,
        fix: `Use one of: ${[...anchors].map((one) => `#${one}`).join(" ")}`,
      });
    }
  }
  return problems;
}

/** Pages under the folder of `contents` that it does not link to: nobody would find them. */
export function checkContents(contents: Page, pages: readonly Page[]): Problem[] {
  const folder = contents.path.slice(0, contents.path.lastIndexOf("/") + 1);
  const linked = new Set(
    linksOf(contents.text).map(({ target }) => resolve(contents.path, target.split("#")[0] ?? "")),
  );
  return pages
    .filter(({ path }) => path.startsWith(folder) && path !== contents.path && !linked.has(path))
    .map(({ path, text }) => ({
      where: contents.path,
      what: `does not link to ${path}`,
      fix: `Add a line: - [${titleOf(text) ?? path}](${path.slice(folder.length)})`,
    }));
}

/** Inline links outside code, with the line that each stands on. */
function linksOf(text: string): Link[] {
  const links: Link[] = [];
  let isCode = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    if (isCode) continue;
    const prose = line.replaceAll(/`[^`]*`/g, (code) => "x".repeat(code.length));
    for (const match of prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
      if (match[1] !== undefined) links.push({ target: match[1], line: index + 1 });
    }
  }
  return links;
}

/** The fragment names that a forge gives to headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  let isCode = false;
  for (const line of text.split("\n")) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const title = isCode ? undefined : /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(
      /\s/g,
      "-",
    );
    let name = slug;
    for (let count = 1; anchors.has(name); count++) name = `${slug}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

function titleOf(text: string): string | undefined {
  return /^#\s+(.*)$/m.exec(text)?.[1];
}

/** `target` seen from the page at `from`, relative to the project's root. */
function resolve(from: string, target: string): string {
  const url = new URL(target, `file:///${from}`);
  return decodeURIComponent(url.pathname.slice(1));
}

import { createHash } from "node:crypto";
import type { JsonSchema } from "./json_schemas.ts";
import type { Body, OpenApi, Operation, Parameter } from "./open_api.ts";

/** The document as a page for people: no script, nothing from elsewhere. */
export function docsPage(document: OpenApi): Response {
  return new Response(render(document), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; style-src '${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    },
  });
}

const STYLE =
  `:root{color-scheme:light dark;--line:light-dark(#dde,#334);--dim:light-dark(#556,#99a)}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.25rem 4rem}
h2{border-bottom:1px solid var(--line);margin-top:3rem;padding-bottom:.3rem}
h3{font-size:1rem;margin:0;display:inline}
code{font:.9em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
details{border:1px solid var(--line);border-radius:8px;margin:.6rem 0;padding:.5rem .8rem}
summary{cursor:pointer}
summary b{display:inline-block;min-width:4.2rem}
dt{margin-top:.5rem}dd{margin:0 0 0 1.2rem}
.dim{color:var(--dim)}nav a{margin-right:1rem;white-space:nowrap}
a{color:light-dark(#0550ae,#79b8ff)}`;
const STYLE_HASH = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;

function render({ info, tags, paths, components, servers }: OpenApi): string {
  const base = String(servers[0]?.["url"] ?? "");
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
  );
  const chapters = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<section><h2 id="${escape(name)}">${escape(name)}</h2>${
      own.map(({ path, method, operation }) => operationHtml(base + path, method, operation)).join(
        "",
      )
    }</section>`;
  });
  const schemas = Object.entries(components.schemas).map(([name, schema]) =>
    `<details id="schema-${escape(name)}"><summary><h3><code>${escape(name)}</code></h3></summary>${
      shapeHtml(schema)
    }</details>`
  );
  const links = [...tags.map(({ name }) => name), "Schemas"]
    .map((name) => `<a href="#${escape(name)}">${escape(name)}</a>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${
    escape(String(info["title"]))
  } API</title><style>${STYLE}</style></head><body><main>
<h1>${escape(String(info["title"]))} API</h1>
<p>${escape(String(info["summary"]))}. The same as <a href="${
    escape(base)
  }/openapi.json">OpenAPI 3.1</a>.</p>
<p>Every request needs a token: <code>Authorization: Bearer …</code>, from <code>pd token create</code>.</p>
<nav aria-label="Chapters">${links.join(" ")}</nav>${chapters.join("")}
<section><h2 id="Schemas">Schemas</h2>${schemas.join("")}</section></main></body></html>`;
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const scope = operation["x-scope"];
  return `<details id="${escape(operationId)}"><summary><b>${
    escape(method.toUpperCase())
  }</b> <h3><code>${escape(path)}</code></h3> <span class="dim">${escape(summary)}</span></summary>
<p>${escape(summary)}. ${
    scope === "public" ? "Takes no token." : `Takes the scope <code>${escape(scope)}</code>.`
  }</p>
${description === undefined ? "" : `<p>${prose(description)}</p>`}${
    parameters.length === 0 ? "" : `<dl>${parameters.map(parameterHtml).join("")}</dl>`
  }${requestBody === undefined ? "" : `<p>Body</p>${bodyHtml(requestBody)}`}
<dl>${
    Object.entries(responses).map(([status, body]) =>
      `<dt><b>${escape(status)}</b> ${escape(body.description ?? "")}</dt><dd>${
        Number(status) < 400 ? bodyHtml(body) : ""
      }</dd>`
    ).join("")
  }</dl></details>`;
}

function parameterHtml({ name, in: place, required, description, schema }: Parameter): string {
  return `<dt><code>${escape(name)}</code> <span class="dim">${place}${
    required ? ", required" : ""
  }</span> ${typeHtml(schema)}</dt><dd>${prose(description ?? "")}</dd>`;
}

function bodyHtml({ content = {} }: Body): string {
  return Object.entries(content).map(([type, { schema = {} }]) =>
    `<p class="dim">${escape(type)}</p>${shapeHtml(schema)}`
  ).join("");
}

function shapeHtml(schema: JsonSchema): string {
  const properties = schema["properties"] as { [name: string]: JsonSchema } | undefined;
  const note = typeof schema["description"] === "string"
    ? `<p>${prose(schema["description"])}</p>`
    : "";
  if (properties === undefined) return `${note}<p>${typeHtml(schema)}</p>`;
  const required = schema["required"] as readonly string[] | undefined;
  return `${note}<dl>${
    Object.entries(properties).map(([name, part]) =>
      `<dt><code>${escape(name)}</code>${
        required?.includes(name) ? "" : ` <span class="dim">may be missing</span>`
      } ${typeHtml(part)}</dt><dd>${prose(String(part["description"] ?? ""))}${nestedOf(part)}</dd>`
    ).join("")
  }</dl>`;
}

function nestedOf(schema: JsonSchema): string {
  const inner = (schema["items"] ?? schema) as JsonSchema;
  return inner["properties"] === undefined ? "" : shapeHtml({ ...inner, description: undefined });
}

function typeHtml(schema: JsonSchema): string {
  const ref = schema["$ref"];
  if (typeof ref === "string") {
    const name = ref.split("/").at(-1) ?? "";
    return `<a href="#schema-${escape(name)}">${escape(name)}</a>`;
  }
  const choices = schema["anyOf"] as readonly JsonSchema[] | undefined;
  if (choices !== undefined) return choices.map(typeHtml).join(" or ");
  const values = schema["enum"] as readonly unknown[] | undefined;
  if (values !== undefined) {
    return values.map((value) => `<code>${escape(JSON.stringify(value))}</code>`).join(" ");
  }
  if (schema["type"] === "array") return `list of ${typeHtml(schema["items"] as JsonSchema ?? {})}`;
  const fallback = schema["default"];
  const shown = `<span class="dim">${escape(String(schema["type"] ?? "any"))}</span>`;
  return fallback === undefined
    ? shown
    : `${shown} <span class="dim">${escape(JSON.stringify(fallback))} by default</span>`;
}

/** Words between backticks are code. */
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

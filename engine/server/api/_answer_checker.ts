import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Body, OpenApi } from "./open_api.ts";

/** Checks answers by a document. */
export interface AnswerChecker {
  /** What is wrong with an answer; undefined when it is one of those that the document has. */
  check(
    operation: { readonly path: string; readonly method: string },
    answer: { readonly status: number; readonly type: string; readonly text: string },
  ): string | undefined;
}

const ROOT = "openapi";

/** Makes the check of a document. */
export function answerChecker(document: OpenApi): AnswerChecker {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  // deno-lint-ignore no-explicit-any
  (addFormats as any)(ajv);
  ajv.addSchema(document, ROOT);
  return {
    check({ path, method }, { status, type, text }) {
      const responses = document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
      const name = String(status) in responses ? String(status) : "default";
      if (name === "default" && status < 400) return `${status} is not described`;
      const { content = {} } = responses[name] as Body;
      if (Object.keys(content).length === 0) return text === "" ? undefined : "there is a body";
      const media = type.split(";")[0] ?? "";
      if (!(media in content)) return `${media} is not described for ${name}`;
      if (media !== "application/json") return undefined;
      const parts = ["paths", path, method.toLowerCase(), "responses", name, "content", media];
      const pointer = [...parts, "schema"].map((part) =>
        encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))
      );
      const validate = ajv.getSchema(`${ROOT}#/${pointer.join("/")}`);
      if (validate === undefined) return `there is no schema for ${name}`;
      return validate(JSON.parse(text)) ? undefined : `${ajv.errorsText(validate.errors)}: ${text}`;
    },
  };
}

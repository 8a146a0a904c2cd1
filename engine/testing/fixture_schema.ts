import { z } from "zod";

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const STATUS = "a status is from 200 to 599";
/** Statuses that a response without a body must have (Fetch standard, null body status). */
const NULL_BODY_STATUS = [204, 205, 304];

const FetchEntrySchema = z.strictObject({
  service: z.string().regex(/^[a-z0-9-]+$/, "a service is lower case letters, digits and -")
    .optional(),
  path: z.string(),
  method: z.string().regex(/^[A-Za-z]+$/, "a method is a word such as GET").optional(),
  status: z.int().min(200, STATUS).max(599, STATUS).default(200),
  headers: z.record(
    z.string().regex(HEADER_NAME, "a header name has no spaces or colons"),
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, "a header is one line of text"),
  ).default({}),
  body: z.unknown().optional(),
}).superRefine((entry, context) => {
  const isUrl = /^https?:\/\//.test(entry.path) && URL.canParse(entry.path);
  if (entry.service === undefined && !isUrl) {
    context.addIssue({
      code: "custom",
      path: ["path"],
      message: "an entry without a service answers a bare fetch(), so its path is an absolute URL",
    });
  } else if (!isUrl && !/^\/(?![/\\])/.test(entry.path)) {
    context.addIssue({
      code: "custom",
      path: ["path"],
      message: "a path starts with one / or is an absolute URL",
    });
  }
  if (NULL_BODY_STATUS.includes(entry.status) && entry.body !== undefined) {
    context.addIssue({
      code: "custom",
      path: ["body"],
      message: `an answer with status ${entry.status} has no body`,
    });
  }
});

const ErrorSchema = z.union([
  z.string(),
  z.strictObject({ code: z.string(), message: z.string().optional() }),
], "an error is a code, or an object with code and message");

const common = {
  description: z.string().optional(),
  input: z.unknown().optional(),
  expected: z.unknown().optional(),
  match: z.enum(["exact", "subset"], 'it is "exact" or "subset"').default("exact"),
  error: ErrorSchema.optional(),
  fetch: z.array(FetchEntrySchema).default([]),
  secrets: z.record(z.string(), z.record(z.string(), z.string())).default({}),
};

/** A node fixture as it stands in its file. */
export const NodeFixtureSchema = z.strictObject({
  ...common,
  config: z.record(z.string(), z.unknown()).default({}),
});

/** A pipeline fixture as it stands in its file. */
export const PipelineFixtureSchema = z.strictObject({
  ...common,
  outputs: z.record(z.string(), z.unknown()).default({}),
  replay: z.boolean().default(false),
});

import * as z from "zod";

const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "it is no time");

const task = z.object({
  Name: z.string(),
  Script: z.array(z.string()).nullish(),
  DependsOn: z.array(z.string()).nullish(),
  AllowFailure: z.boolean().nullish(),
  Status: z.string().nullish(),
  Start: time.nullish(),
  End: time.nullish(),
  Skipped: z.boolean().nullish(),
  ExitCode: z.number().nullish(),
  Errored: z.boolean().nullish(),
  Error: z.string().nullish(),
});

/** One job of prunner's `data.json`. */
export const persistedJob = z.object({
  ID: z.string().regex(/^[0-9a-fA-F-]{36}$/, "it is no UUID"),
  Pipeline: z.string(),
  Completed: z.boolean().nullish(),
  Canceled: z.boolean().nullish(),
  Created: time,
  Start: time.nullish(),
  End: time.nullish(),
  Variables: z.record(z.string(), z.json()).nullish(),
  User: z.string().nullish(),
  Tasks: z.array(task).nullish(),
});

/** One job of prunner's `data.json`. */
export type PersistedJob = z.infer<typeof persistedJob>;

/** One of its tasks. */
export type PersistedTask = z.infer<typeof task>;

import assert from "node:assert/strict";
import { scriptEnvironment } from "./script_environment.ts";

Deno.test("scripts see the variables of the server, but for those that would make them an admin", () => {
  const seen = scriptEnvironment({
    PATH: "/bin",
    PRUNNER_ENV: "a",
    PD_JWT_SECRET: "s",
    PRUNNER_JWT_SECRET: "s",
    PD_TOKEN: "t",
    PD_STORAGE: "postgres://user:password@db/runs",
    PD_SECRETS_KEY: "k",
  });
  assert.deepEqual(seen, { PATH: "/bin", PRUNNER_ENV: "a" });
});

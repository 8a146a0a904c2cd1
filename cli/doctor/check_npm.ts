import { findProgram } from "../find_program.ts";
import type { CheckEnv, Finding } from "./check.ts";

/** Does the package registry that npm is set up with answer? */
export async function checkNpm(host: CheckEnv): Promise<Finding> {
  const npm = await findProgram(["npm"], (name) => host.env(name));
  if (npm === undefined) {
    return {
      status: "warn",
      detail: "npm is not on PATH; packages that are cached go on working",
      fix: "install Node.js 20 or newer",
    };
  }
  const ping = await host.run(npm, ["ping", "--loglevel=error"]);
  if (ping?.code === 0) return { status: "ok", detail: "the registry answers" };
  return {
    status: "warn",
    detail: "the registry does not answer; packages that are cached go on working",
    fix: "npm ping",
  };
}

import type { CheckEnv, Finding } from "./check.ts";

/** Is git there? */
export async function checkGit(host: CheckEnv): Promise<Finding> {
  const answer = await host.run("git", ["--version"]);
  if (answer?.code === 0) {
    return { status: "ok", detail: answer.stdout.trim().replace(/^git version /, "") };
  }
  return { status: "warn", detail: "git is not on PATH", fix: "apt-get install git" };
}

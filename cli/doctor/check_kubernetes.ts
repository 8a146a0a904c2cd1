import type { CheckEnv, Finding } from "./check.ts";

/** Which cluster would a deployment go to? */
export async function checkKubernetes(host: CheckEnv): Promise<Finding> {
  const answer = await host.run("kubectl", ["config", "current-context"]);
  if (answer === undefined) {
    return {
      status: "warn",
      detail: "kubectl is not on PATH; nothing local needs it",
      fix: "https://kubernetes.io/docs/tasks/tools/",
    };
  }
  const context = answer.stdout.trim();
  if (answer.code === 0 && context !== "") return { status: "ok", detail: `context ${context}` };
  return {
    status: "warn",
    detail: "no current context",
    fix: "kubectl config use-context <name>",
  };
}

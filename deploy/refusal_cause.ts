import type { Cause, RolloutPlace } from "./rollout_causes.ts";

/** Why the cluster lets a Deployment in and refuses its pods, from the sentence of the condition. */
export function refusalCause(said: string, { namespace }: RolloutPlace): Cause {
  const why = said.replace(/^pods "[^"]*" is forbidden: /, "");
  const quota = /exceeded quota: (\S+?),/.exec(why)?.[1];
  if (quota !== undefined) {
    return {
      kind: "quota",
      isFinal: true,
      message: `the quota of its namespace is used up: ${why}`,
      fix: `kubectl describe quota ${quota} -n ${namespace}`,
    };
  }
  const level = /violates PodSecurity "([^":]+)[^"]*"/.exec(why)?.[1];
  if (level !== undefined) {
    return {
      kind: "pod_security",
      isFinal: true,
      message: `its namespace enforces the pod security level "${level}": ${why}`,
      fix: `pd deploy . -n ${namespace} --diff`,
    };
  }
  const runtimeClass = /RuntimeClass "([^"]+)" not found/.exec(why)?.[1];
  if (runtimeClass !== undefined) {
    return {
      kind: "runtime_class",
      isFinal: true,
      message: `the cluster has no RuntimeClass "${runtimeClass}"`,
      fix: `pd deploy . -n ${namespace} --runtime-class ""`,
    };
  }
  const account = /serviceaccount "([^"]+)" not found/.exec(why)?.[1];
  if (account !== undefined) {
    return {
      kind: "service_account",
      isFinal: true,
      message: `its ServiceAccount "${account}" is missing`,
      fix: `kubectl create serviceaccount ${account} -n ${namespace}`,
    };
  }
  return {
    kind: "refused",
    isFinal: true,
    message: `the cluster refuses its pods: ${why}`,
    fix: `kubectl get events -n ${namespace} --field-selector reason=FailedCreate`,
  };
}

import type { Check } from "./check.ts";
import { checkCache } from "./check_cache.ts";
import { checkChromium } from "./check_chromium.ts";
import { checkDeno } from "./check_deno.ts";
import { checkDriver } from "./check_driver.ts";
import { checkGit } from "./check_git.ts";
import { checkKubernetes } from "./check_kubernetes.ts";
import { checkNpm } from "./check_npm.ts";

/** Every check of `pd doctor`, in the order of its report. A new one gets its line here. */
export const CHECKS: readonly Check[] = [
  { name: "deno", why: "runs pd, its engine and nodes", check: checkDeno },
  { name: "cache", why: "remembers Deno and tools", check: checkCache },
  { name: "npm", why: "fetches packages when they are missing", check: checkNpm },
  { name: "chromium", why: "draws PNG and PDF diagrams", check: checkChromium },
  {
    name: "native",
    why: "runs containers as programs of this machine",
    check: (host) => checkDriver("native", host),
  },
  { name: "docker", why: "runs containers", check: (host) => checkDriver("docker", host) },
  { name: "podman", why: "runs containers too", check: (host) => checkDriver("podman", host) },
  { name: "git", why: "tells images apart by commit", check: checkGit },
  { name: "kubernetes", why: "takes deployed workflows", check: checkKubernetes },
];

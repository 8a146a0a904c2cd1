import { allDone } from "../all_done.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { type Marks, OF_ALL, ofRun, originOf } from "./labels.ts";
import { podPath, removePod } from "./pods.ts";
import { claimPath, deleteVolume } from "./volumes.ts";

interface Found {
  readonly metadata: Marks & { readonly name: string };
}

/** Removes all pods and claims that this process made for a run. */
export async function removeRun(context: KubernetesContext, runId: string): Promise<void> {
  const selector = await ofRun(context.owner, runId);
  const pods = await list(context, podPath(context), selector);
  await allDone(pods.map(({ metadata }) => removePod(context, metadata.name)));
  const claims = await list(context, claimPath(context), selector);
  await allDone(claims.map(({ metadata }) => deleteVolume(context, metadata.name)));
}

/**
 * Removes what processes of this machine made that do not live any more, and what anybody made whose lifetime
 * is over: nobody can tell from here whether a process of another machine lives. How many things those were.
 */
export async function sweep(context: KubernetesContext): Promise<number> {
  const { owner: self, machine, clock } = context;
  const answers = new Map<string, Promise<boolean>>();
  async function isLeft({ metadata }: Found): Promise<boolean> {
    const origin = originOf(metadata);
    if (origin === undefined || origin.owner.id === self.id) return false;
    if (origin.expiresAt < clock.now()) return true;
    const { owner } = origin;
    if (owner.host !== machine) return false;
    const answer = answers.get(owner.id) ?? context.isOwnerAlive(owner);
    answers.set(owner.id, answer);
    return !await answer;
  }
  const [pods, claims] = await Promise.all([
    list(context, podPath(context), OF_ALL),
    list(context, claimPath(context), OF_ALL),
  ]);
  let removed = 0;
  const problems: unknown[] = [];
  // What cannot be removed now must not keep the rest from it.
  async function tried(removing: Promise<void>): Promise<void> {
    try {
      await removing;
      removed++;
    } catch (error) {
      problems.push(error);
    }
  }
  for (const pod of pods) {
    if (!await isLeft(pod)) continue;
    await tried(removePod(context, pod.metadata.name));
  }
  for (const claim of claims) {
    if (!await isLeft(claim)) continue;
    await tried(deleteVolume(context, claim.metadata.name));
  }
  if (problems.length > 0) throw problems[0];
  return removed;
}

async function list(
  { client }: KubernetesContext,
  path: string,
  labelSelector: string,
): Promise<readonly Found[]> {
  const all: Found[] = [];
  let more: string | undefined;
  do {
    const page = await client.ask<
      { readonly items: readonly Found[]; readonly metadata?: { readonly continue?: string } }
    >({
      method: "GET",
      path,
      query: { labelSelector, limit: "500", continue: more },
    });
    all.push(...page.items);
    more = page.metadata?.continue || undefined;
  } while (more !== undefined);
  return all;
}

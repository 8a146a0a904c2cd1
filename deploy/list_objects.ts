import type { ObjectList } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { pathOf, type Resource } from "./resources.ts";

const PAGE = 500;

/** Everything of a kind that a selector finds, of all pages. `namespace: undefined` looks in all of them. */
export async function listObjects<T>(
  { client, signal }: Pick<Operation, "client" | "signal">,
  resource: Resource,
  find: {
    readonly namespace: string | undefined;
    readonly labels?: string;
    readonly fields?: string;
  },
): Promise<readonly T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const page: ObjectList<T> = await client.ask({
      method: "GET",
      path: pathOf(resource, find.namespace),
      query: {
        labelSelector: find.labels,
        fieldSelector: find.fields,
        limit: `${PAGE}`,
        continue: next,
      },
      timeoutMs: ANSWER_MS,
      signal,
    });
    items.push(...page.items);
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return items;
}

/**
 * The results of `work` in the order of `items`, with up to `count` of them under way at once. When the reader
 * stops or something fails, it waits for what is under way and starts nothing more.
 */
export async function* ahead<Item, Result>(
  items: AsyncGenerator<Item>,
  work: (item: Item) => Promise<Result>,
  count: number,
): AsyncGenerator<Result> {
  const queue: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Its failure is seen when its turn comes; until then it is nobody's.
      result.catch(() => {});
      queue.push(result);
      const first = queue.length < count ? undefined : queue.shift();
      if (first !== undefined) yield await first;
    }
    for (let first = queue.shift(); first !== undefined; first = queue.shift()) yield await first;
  } finally {
    await Promise.allSettled(queue);
  }
}

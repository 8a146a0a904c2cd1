/** Works on so many items at a time, in their order. Rejects with the first that fails. */
export async function inTurns<Item>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, async () => {
    for (const item of left) await work(item);
  }));
}

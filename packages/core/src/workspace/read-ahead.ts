/**
 * Loads items in their order, the next `ahead` of them already under way. When the consumer stops or
 * one fails, the others are waited for, so that nothing goes on behind its back.
 */
export async function* readAhead<Item, Loaded>(
  items: Iterable<Item>,
  ahead: number,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  const underWay: Promise<Loaded>[] = [];
  try {
    for (const item of items) {
      underWay.push(load(item));
      if (underWay.length <= ahead) continue;
      const first = underWay.shift();
      if (first) yield await first;
    }
    for (let next = underWay.shift(); next; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}

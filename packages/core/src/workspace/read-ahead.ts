export interface AheadLimits<Item> {
  /** Items under way at once. */
  readonly items: number;
  /** Their weight together, where it matters; one item alone may be heavier. */
  readonly weight?: { readonly max: number; readonly of: (item: Item) => number };
}

/**
 * Loads items in their order, the next ones already under way. When the consumer stops or one fails,
 * the others are waited for, so that nothing goes on behind its back.
 */
export async function* readAhead<Item, Loaded>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limits: AheadLimits<Item>,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  const underWay: { readonly loading: Promise<Loaded>; readonly weight: number }[] = [];
  let weight = 0;
  const isFull = (next: number) =>
    underWay.length >= limits.items || weight + next > (limits.weight?.max ?? Infinity);
  try {
    for await (const item of items) {
      const next = limits.weight?.of(item) ?? 0;
      for (let first = underWay[0]; first && isFull(next); first = underWay[0]) {
        yield await first.loading;
        underWay.shift();
        weight -= first.weight;
      }
      const loading = load(item);
      // A failure is told when its turn comes; until then it is not an unhandled one.
      loading.catch(() => undefined);
      underWay.push({ loading, weight: next });
      weight += next;
    }
    for (let first = underWay.shift(); first; first = underWay.shift()) yield await first.loading;
  } finally {
    await Promise.allSettled(underWay.map(({ loading }) => loading));
  }
}

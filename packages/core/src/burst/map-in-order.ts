export interface Mapping<Item, Result> {
  /** Items at work at a time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** The signal also aborts when another item's run threw, or nobody asks for results any longer. */
  readonly run: (item: Item, index: number, signal: AbortSignal) => Promise<Result>;
}

/**
 * Runs items in their order, some at a time, and gives the results in their order. What a run throws
 * stops the others and goes up; so does the signal's reason. Every run has settled when this ends.
 */
export async function* mapInOrder<Item, Result>(
  items: readonly Item[],
  { parallel, signal, run }: Mapping<Item, Result>,
): AsyncGenerator<Result> {
  const left = new AbortController();
  const over = AbortSignal.any([signal, left.signal]);
  const results = items.map(() => Promise.withResolvers<Result>());
  // Whoever asks for a result hears of its failure; nobody may ask any longer.
  for (const { promise } of results) promise.catch(() => undefined);
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    // The iterator is shared: each lane takes what is next.
    for (const [index, item] of waiting) {
      const result = results[index];
      if (over.aborted) result?.reject(over.reason);
      else await run(item, index, over).then(result?.resolve, stop(result?.reject));
    }
  };
  const stop = (reject?: (cause: unknown) => void) => (cause: unknown) => {
    reject?.(cause);
    left.abort(cause);
  };
  const lanes = Array.from({ length: parallel }, lane);
  try {
    for (const { promise } of results) yield await promise;
  } finally {
    left.abort(new Error("Nobody asks for the results any longer."));
    await Promise.all(lanes);
  }
}

/** What a row says of repeated measurements. */
export interface Spread {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
}

/** Of at least one sample. Percentiles are of the nearest rank, so each is a value that was measured. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (value === undefined) throw new RangeError("Nothing was measured.");
    return value;
  };
  return { n: sorted.length, min: at(0), p50: at(0.5), p99: at(0.99) };
}

export function median(samples: readonly number[]): number {
  return spreadOf(samples).p50;
}

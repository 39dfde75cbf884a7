import { type Item, PRICES } from "./prices.ts";

/** Units used, in the unit of each item's price. */
export type Usage = Readonly<Partial<Record<Item, number>>>;

export interface CostLine {
  readonly item: Item;
  readonly service: string;
  readonly name: string;
  readonly quantity: number;
  readonly unit: string;
  /** Before the free tier. */
  readonly dollars: number;
  /** What the free tier takes off. */
  readonly free: number;
}

export interface Cost {
  readonly lines: readonly CostLine[];
  readonly dollars: number;
  readonly free: number;
}

/** The bill of one month's usage. */
export function toCost(month: Usage): Cost {
  const lines = (Object.keys(PRICES) as Item[]).flatMap((item) => {
    const quantity = month[item] ?? 0;
    return quantity > 0 ? [toLine(item, quantity)] : [];
  });
  return {
    lines,
    dollars: lines.reduce((sum, { dollars }) => sum + dollars, 0),
    free: lines.reduce((sum, { free }) => sum + free, 0),
  };
}

function toLine(item: Item, quantity: number): CostLine {
  const { service, item: name, dollars, unit, free } = PRICES[item];
  return {
    item,
    service,
    name,
    quantity,
    unit,
    dollars: quantity * dollars,
    free: Math.min(quantity, free) * dollars,
  };
}

/** Dollars by service, the dearest first. */
export function byService({ lines }: Cost): readonly {
  readonly service: string;
  readonly dollars: number;
  readonly free: number;
}[] {
  const sums = new Map<string, { service: string; dollars: number; free: number }>();
  for (const { service, dollars, free } of lines) {
    const sum = sums.get(service) ?? { service, dollars: 0, free: 0 };
    sums.set(service, { service, dollars: sum.dollars + dollars, free: sum.free + free });
  }
  return [...sums.values()].sort((a, b) => b.dollars - a.dollars);
}

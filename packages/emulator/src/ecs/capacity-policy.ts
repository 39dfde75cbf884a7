export interface StrategyItem {
  readonly capacityProvider: string;
  readonly weight: number;
  readonly base: number;
}

/**
 * Which capacity provider each of `count` tasks goes to: bases first, then by weight (ECS Developer Guide,
 * "Capacity provider strategy").
 */
export function placeByStrategy(strategy: readonly StrategyItem[], count: number): string[] {
  const placed: string[] = [];
  for (const { capacityProvider, base } of strategy) {
    while (placed.length < count && placedOn(placed, capacityProvider) < base) {
      placed.push(capacityProvider);
    }
  }
  const weighted = strategy.filter(({ weight }) => weight > 0);
  const based = [...placed];
  while (placed.length < count && weighted.length > 0) {
    const load = ({ capacityProvider, weight }: StrategyItem) =>
      (placedOn(placed, capacityProvider) - placedOn(based, capacityProvider)) / weight;
    const least = weighted.reduce((best, item) =>
      load(item) < load(best) || (load(item) === load(best) && item.weight > best.weight)
        ? item
        : best,
    );
    placed.push(least.capacityProvider);
  }
  return placed;
}

function placedOn(placed: readonly string[], capacityProvider: string): number {
  return placed.filter((name) => name === capacityProvider).length;
}

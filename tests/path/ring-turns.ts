import type { Row } from "../faults/model/history.ts";

/** One launch of a tenant's: what happened since its last one, or since it began to wait. */
export interface Turn {
  readonly tenant: string;
  /** First launches of others' jobs. */
  readonly others: number;
  /** How often the tenant's turn was taken, this launch included; each but one found no room. */
  readonly tries: number;
}

/** The turns of these tenants, by the order of the table's own writes. */
export function turnsOf(rows: readonly Row[], tenants: ReadonlySet<string>): readonly Turn[] {
  const since = new Map([...tenants].map((tenant) => [tenant, { others: 0, tries: 0 }]));
  const launched = new Set<string>();
  return rows.flatMap((row) => {
    const tried = since.get(row.sk);
    if (tried && isTry(row)) tried.tries += 1;
    const tenant = /^T#([^#]+)#J#/.exec(row.pk)?.[1] ?? "";
    const own = since.get(tenant);
    if (!own || launched.has(row.pk) || !isLaunched(row)) return [];
    launched.add(row.pk);
    for (const other of since.values()) other.others += 1;
    since.set(tenant, { others: 0, tries: 0 });
    return [{ tenant, ...own, others: own.others - 1 }];
  });
}

/** Whoever takes a turn moves its place behind the others; a try that found no room moves it back. */
function isTry({ pk, old, now }: Row): boolean {
  return pk === "QUEUE" && Number(now?.turn) > Number(old?.turn);
}

/** A worker was started and is waited for, or was faster than the note of it. */
function isLaunched({ sk, now }: Row): boolean {
  return sk === "job" && (now?.awaitedUntil !== undefined || now?.state === "claimed");
}

/**
 * Dispatchers that run at once where every worker that stops leaves room for one job: the reaper for each, and one look
 * of `watch`, since the gate lets one in two seconds through (docs/design/launch.md, "Gate").
 */
function dispatchersOf(workers: number): number {
  return workers + 1;
}

/** The longest turn, and by how many launches the worst one is beyond what can be. */
export function measureTurns(turns: readonly Turn[], tenants: number, workers: number) {
  const [longest] = [...turns].sort((a, b) => b.others - a.others);
  const dispatchers = dispatchersOf(workers);
  return {
    longestTurn: longest?.others ?? 0,
    triesOfLongest: longest?.tries ?? 0,
    beyondBound: Math.max(...turns.map((turn) => beyondBound(turn, { tenants, dispatchers }))),
  };
}

/**
 * How many launches of others a turn had more than can be (docs/design/launch.md, "Queue"): each try lets each other
 * tenant pass once, and each dispatcher beside it may have been about to launch one.
 */
export function beyondBound(
  { others, tries }: Turn,
  { tenants, dispatchers }: { readonly tenants: number; readonly dispatchers: number },
): number {
  return Math.max(0, others - ((tenants - 1) * Math.max(1, tries) + dispatchers - 1));
}

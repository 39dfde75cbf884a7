import type { Row, RunHistory } from "./history.ts";

/** The calls of a run, each as a history of its own: its jobs and their logs, its lines and exchanges. */
export function perCall(history: RunHistory): readonly RunHistory[] {
  const callOf = callsOfJobs(history.rows);
  const calls = new Set([...callOf.values(), ...history.exchanges.map(({ call }) => call)]);
  return [...calls].map((call) => ({
    ...history,
    rows: history.rows.filter(({ pk }) => {
      const job = /#[JL]#(.+)$/.exec(pk)?.[1];
      return job !== undefined && callOf.has(job) && callOf.get(job) === call;
    }),
    lines: history.lines.filter((line) => line.call === call),
    exchanges: history.exchanges.filter((exchange) => exchange.call === call),
  }));
}

/** Job ids and the call in the arguments that each was stored with first. */
function callsOfJobs(rows: readonly Row[]): ReadonlyMap<string, string | undefined> {
  const calls = new Map<string, string | undefined>();
  for (const { pk, sk, now } of rows) {
    const job = pk.replace(/^.*#J#/, "");
    if (sk !== "job" || calls.has(job)) continue;
    const input = JSON.parse(String(now?.input ?? "{}")) as { readonly call?: string };
    calls.set(job, input.call);
  }
  return calls;
}

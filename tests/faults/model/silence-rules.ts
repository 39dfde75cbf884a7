import type { Exchange, Row, RunHistory, Violation } from "./history.ts";
import { isEnded, jobIds, jobRows, violation } from "./job-rules.ts";
import { eventsOf } from "./log-rules.ts";

/** A stream may be so far behind its job, in milliseconds, whatever befell the services under it. */
const BEHIND_MS = 10_000;

/** A stream that is there tells what its job says, and its end: only while the job is silent may it be. */
export function checkSilence({ rows, exchanges }: RunHistory): Violation[] {
  return exchanges.flatMap((exchange) => {
    const { client, silence } = exchange;
    if (!silence) return [];
    const due = rows.filter(({ at }) => at < silence.to - BEHIND_MS);
    const jobs = jobIds(due);
    if (jobs.length === 0 || !jobs.every((job) => hasMore(due, job, exchange))) return [];
    const seconds = Math.round((silence.to - silence.from) / 1000);
    return violation(
      "silence",
      `${client} was told nothing for ${seconds} s though there was more`,
    );
  });
}

/** Whether a job had ended, or come further than its client knew. */
function hasMore(due: readonly Row[], job: string, { progress }: Exchange): boolean {
  if (isEnded(jobRows(due, job).at(-1)?.now)) return true;
  const told = Math.max(0, ...progress);
  return eventsOf(due, job).some(
    ({ kind, data }) => kind === "progress" && Number(data.progress) > told,
  );
}

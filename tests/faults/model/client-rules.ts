import type { Exchange, RunHistory, SeenAnswer, Violation } from "./history.ts";
import { jobIds, lastItem, violation } from "./job-rules.ts";
import { answerDigest } from "./worker-rules.ts";

/** What clients saw: progress that only grows, events without gap or repeat, one answer, and that of the job. */
export function checkClients(history: RunHistory): Violation[] {
  const found = history.exchanges.flatMap((exchange) => checkExchange(exchange, history));
  const answered = history.exchanges.some(({ answers }) => answers.length > 0);
  if (!answered) found.push(violation("answer", "no client ever got an answer"));
  return [...found, ...checkAcross(history)];
}

function checkExchange(exchange: Exchange, history: RunHistory): Violation[] {
  const { client, answers, progress } = exchange;
  const found = [...checkGrowth(client, progress), ...checkEventIds(exchange)];
  if (answers.length > 1)
    found.push(violation("answer", `${client} got ${answers.length} answers`));
  const said = answers.flatMap((answer) => checkAnswer(answer, progress, history));
  return [...found, ...said.map((text) => violation("answer", `${client} ${text}`))];
}

function checkAnswer(
  answer: SeenAnswer,
  progress: readonly number[],
  history: RunHistory,
): string[] {
  switch (answer.kind) {
    case "failed":
      return hasEnded(history, "failed") ? [] : [`was told of a failure: ${answer.text}`];
    case "cancelled": {
      const ended = jobIds(history.rows).filter((job) => isIn(history, job, "cancelled"));
      const is = ended.some((job) => history.cancelled.includes(job));
      return is ? [] : ["was told of a cancellation"];
    }
    case "result": {
      const results = jobIds(history.rows).map((job) => answerDigest(history, job));
      const isJobs = !answer.isError && results.includes(answer.digest);
      const isWhole = progress.length === 0 || progress.at(-1) === history.steps;
      return [
        ...(isJobs ? [] : ["got a result that no job has"]),
        ...(isWhole ? [] : [`got the result after step ${progress.at(-1)}`]),
      ];
    }
  }
}

function hasEnded(history: RunHistory, state: string): boolean {
  return jobIds(history.rows).some((job) => isIn(history, job, state));
}

function isIn({ rows }: RunHistory, job: string, state: string): boolean {
  return lastItem(rows, job)?.state === state;
}

function checkGrowth(client: string, progress: readonly number[]): Violation[] {
  const back = progress.findIndex((step, index) => index > 0 && step <= (progress[index - 1] ?? 0));
  if (back < 0) return [];
  return [violation("progress", `${client}: ${progress[back]} after ${progress[back - 1]}`)];
}

/** `<stream>.<number>`: one stream, one number after the other, whatever broke in between. */
function checkEventIds({ client, eventIds }: Exchange): Violation[] {
  const parsed = eventIds.map((id) => /^(.+)\.(\d+)$/.exec(id));
  if (new Set(parsed.map((id) => id?.[1])).size > 1)
    return [violation("events", `${client}: events of several streams in one answer`)];
  const numbers = parsed.map((id) => Number(id?.[2]));
  const bad = numbers.findIndex(
    (number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1,
  );
  if (bad < 0) return [];
  return [violation("events", `${client}: event ${numbers[bad]} after ${numbers[bad - 1]}`)];
}

/** A client that comes back to the same job is never told less than before. */
function checkAcross({ exchanges, rows }: RunHistory): Violation[] {
  if (jobIds(rows).length > 1) return [];
  let highest = 0;
  const found: Violation[] = [];
  for (const { client, progress } of exchanges) {
    const [first] = progress;
    if (first !== undefined && first < highest)
      found.push(violation("progress", `${client} came back to ${first} after ${highest}`));
    highest = Math.max(highest, ...progress);
  }
  return found;
}

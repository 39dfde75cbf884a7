import type { Consumption } from "../consumption.ts";
import { dollarsPerMillion } from "../price.ts";
import type { Row } from "../report.ts";
import { median } from "../samples.ts";
import { type MeasuredStep, type Side, TASKS } from "./step.ts";

const MB = 1e6;
const BASELINE: Side = "one object per file";

/** Rows task by task, the sides under each other. Consumption is the mean of the rounds. */
export function toRows(steps: readonly MeasuredStep[]): readonly Row[] {
  return TASKS.flatMap((task) =>
    steps.filter((step) => step.task === task).map((step) => toRow(step, steps)),
  );
}

function toRow(step: MeasuredStep, steps: readonly MeasuredStep[]): Row {
  const { side, rounds } = step;
  const ratio = timeRatio(step, steps);
  const times = {
    name: toName(step),
    n: rounds.length,
    ms: msOf(step),
    ...(ratio !== undefined && { ratio }),
  };
  if (side === "git") return times;
  const consumption = meanOf(step);
  const { rru, wru, s3Reads, s3Writes, s3BytesIn, s3BytesOut, mcpMs } = consumption;
  return {
    ...times,
    "to S3 MB": s3BytesIn / MB,
    "from S3 MB": s3BytesOut / MB,
    "S3 GET": s3Reads,
    "S3 PUT/LIST": s3Writes,
    "$ per million": dollarsPerMillion(consumption),
    ...(side === "zenode" && {
      RRU: rru,
      WRU: wru,
      "Lambda ms": mcpMs,
      workers: Math.max(...rounds.map(({ tasks }) => tasks)),
    }),
  };
}

/** As a row is called. */
export function toName({ task, how, side }: MeasuredStep): string {
  return `${task}: ${side}${how === "" ? "" : `, ${how}`}`;
}

/** Time beside that of one object per file, for what both do. */
export function timeRatio(step: MeasuredStep, steps: readonly MeasuredStep[]): number | undefined {
  if (step.side === BASELINE) return undefined;
  const baseline = steps.find(({ side, task }) => side === BASELINE && task === step.task);
  return baseline && msOf(step) / msOf(baseline);
}

export function msOf({ rounds }: MeasuredStep): number {
  return median(rounds.map(({ ms }) => ms));
}

/** The most that a round used. */
export function worstOf(
  { rounds }: MeasuredStep,
  amount: (consumption: Consumption) => number,
): number {
  return Math.max(...rounds.map(({ consumption }) => amount(consumption)));
}

export function meanOf({ rounds }: MeasuredStep): Consumption {
  const [first] = rounds;
  if (!first) throw new RangeError("Nothing was measured.");
  const mean = (name: keyof Consumption) =>
    rounds.reduce((sum, { consumption }) => sum + consumption[name], 0) / rounds.length;
  const names = Object.keys(first.consumption) as (keyof Consumption)[];
  return Object.fromEntries(names.map((name) => [name, mean(name)])) as unknown as Consumption;
}

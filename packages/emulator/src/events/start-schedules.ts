import type { EmulatorClock } from "../clock.ts";
import type { Place, ScheduleTemplate } from "../template.ts";
import type { Events } from "./start-events.ts";

export interface SchedulesOptions {
  readonly schedules: readonly ScheduleTemplate[];
  readonly place: Place;
  readonly events: Pick<Events, "send">;
  readonly clock: EmulatorClock;
}

const MINUTE_MS = 60_000;
const HOURS = 24;
/** The longest that setTimeout takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Rules with a schedule, by the emulator's clock. A clock that is moved past several moments is one event.
 * Returns how to stop.
 */
export function startSchedules(options: SchedulesOptions): () => void {
  const stops = options.schedules.map((schedule) => startSchedule(schedule, options));
  return () => {
    for (const stop of stops) stop();
  };
}

function startSchedule(schedule: ScheduleTemplate, options: SchedulesOptions): () => void {
  const { clock, events } = options;
  const minutes = parseCron(schedule.expression);
  let timer: NodeJS.Timeout | undefined;
  let next = nextMoment(minutes, clock.now());
  const look = () => {
    clearTimeout(timer);
    const now = clock.now();
    if (now >= next) {
      events.send(schedule, toEvent(schedule, now, options.place));
      next = nextMoment(minutes, now);
    }
    timer = setTimeout(look, Math.min(next - now, LONGEST_TIMER_MS)).unref();
  };
  look();
  const stopListening = clock.onAdvance(look);
  return () => {
    stopListening();
    clearTimeout(timer);
  };
}

/**
 * Minutes of the day (UTC) that an expression names: `cron(<minute> <hour>/<step> * * ? *)`, which is all of
 * EventBridge's cron expressions that is known here. @throws Error for others.
 */
export function parseCron(expression: string): readonly number[] {
  const [, minute = "", hour = "", step = ""] =
    /^cron\((\d{1,2}) (\d{1,2})\/(\d{1,2}) \* \* \? \*\)$/.exec(expression) ?? [];
  const fields = [Number(minute), Number(hour), Number(step)] as const;
  const [m, first, every] = fields;
  if (minute === "" || m > 59 || first > 23 || every < 1 || every > 23) {
    throw new Error(`The schedule ${expression} is not cron(<minute> <hour>/<step> * * ? *).`);
  }
  const moments: number[] = [];
  for (let at = first; at < HOURS; at += every) moments.push(at * 60 + m);
  return moments;
}

/** The first moment after `now`. */
function nextMoment(minutes: readonly number[], now: number): number {
  const day = HOURS * 60 * MINUTE_MS;
  const midnight = Math.floor(now / day) * day;
  const [first = 0] = minutes;
  const today = minutes.map((minute) => midnight + minute * MINUTE_MS).find((at) => at > now);
  return today ?? midnight + day + first * MINUTE_MS;
}

/** EventBridge User Guide, "Events from a schedule". */
function toEvent({ name }: ScheduleTemplate, now: number, { account, region }: Place) {
  return {
    version: "0",
    id: crypto.randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account,
    time: new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: [`arn:aws:events:${region}:${account}:rule/${name}`],
    detail: {},
  } as const;
}

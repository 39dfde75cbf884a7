import { DEFAULT_LIMITS } from "@zenode/core/mcp";
import { DEFAULT_QUOTAS } from "./limits.ts";
import { DEFAULT_FLEET, DEFAULT_MIX } from "./mix.ts";
import type { StudyOptions } from "./study.ts";

/** A number on the command line. */
interface Switch {
  readonly name: string;
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  readonly about: string;
}

const number = (
  name: string,
  usual: number,
  about: string,
  [least, most]: readonly [number, number] = [0, Number.POSITIVE_INFINITY],
): Switch => ({ name, usual, least, most, about });

const SHARE = [0, 1] as const;
const SOME = [1, 10_000_000] as const;
const { vcpus, lambdas, runTask } = DEFAULT_QUOTAS;

export const SWITCHES = [
  number("tenants", DEFAULT_MIX.tenants, "how many", SOME),
  number("hours", 24, "of their day; less than 24 are around the peak", [1, 24 * 30]),
  number("seed", 1, "the same seed, the same figures", [0, 2 ** 32]),
  number("peak", DEFAULT_MIX.peak, "busiest moment of the day, in averages", [1, 10]),
  number("quick-calls", DEFAULT_MIX.quickCalls, "a tenant and day, answered in Lambda"),
  number("sessions", DEFAULT_MIX.sessions, "of the older revisions, a tenant and day"),
  number("session-minutes", DEFAULT_MIX.sessionMinutes, "how long a client keeps one"),
  number(
    "subscribed-share",
    DEFAULT_MIX.subscribedShare,
    "sessions whose own stream is held",
    SHARE,
  ),
  number("listens", DEFAULT_MIX.listens, "clients that hold listen, a tenant and day"),
  number("listen-minutes", DEFAULT_MIX.listenMinutes, "how long"),
  number("worker-calls", DEFAULT_MIX.workerCalls, "a tenant and day"),
  number(
    "together",
    DEFAULT_MIX.together,
    "worker calls that come one soon after the other",
    [1, 1000],
  ),
  number("fan-out", DEFAULT_MIX.fanOut, "jobs of one worker call", [1, 1000]),
  number("job-least", DEFAULT_MIX.jobSeconds.low, "seconds of the shortest job", [0.1, 1e6]),
  number("job-most", DEFAULT_MIX.jobSeconds.high, "seconds of the longest", [0.2, 1e6]),
  number("job-tail", DEFAULT_MIX.jobSeconds.alpha, "the smaller, the more long ones", [0.1, 10]),
  number("streamed-share", DEFAULT_MIX.streamedShare, "worker calls followed by a stream", SHARE),
  number("pushes", DEFAULT_MIX.pushes, "with new files, a tenant and day"),
  number("repeated-pushes", DEFAULT_MIX.repeatedPushes, "without"),
  number("slots", DEFAULT_FLEET.slots, "workers of one tenant at a time", [1, 1e6]),
  number("linger-seconds", DEFAULT_FLEET.lingerSeconds, "a worker waits, beyond its paid minute"),
  number("warm", 1, "0: no worker waits at all", SHARE),
  number("spot-share", DEFAULT_FLEET.spotShare, "launches for which Spot has a place", SHARE),
  number("interruptions", DEFAULT_FLEET.interruptionsPerHour, "of a Spot worker, an hour"),
  number("checkpoint-seconds", 0, "between checkpoints; 0: none"),
  number("retry-seconds", DEFAULT_FLEET.retrySeconds, "before a refused launch is tried again"),
  number("listen-seconds", DEFAULT_LIMITS.listenMs / 1000, "a listen stream is held", [1, 895]),
  number("idle-seconds", DEFAULT_LIMITS.ownRetryMs / 1000, "an idle session stays away", [1, 3600]),
  number("vcpus-spot", vcpus.spot, "granted"),
  number("vcpus", vcpus.onDemand, "granted on demand"),
  number("lambdas", lambdas, "granted at a time", [1, 1e7]),
  number("run-task-rate", runTask.perSecond, "granted a second", [1, 1e5]),
] as const satisfies readonly Switch[];

const WIDTH = 24;

export function usageOf(): string {
  const line = (name: string, about: string) => `  ${`--${name}`.padEnd(WIDTH)}${about}\n`;
  return [
    "usage: npm run simulate -- [options]\n",
    ...SWITCHES.map(({ name, about, usual }) => line(`${name} N`, `${about} (${usual})`)),
    line("no-doubling", "leave out how many tenants each limit holds"),
    line("no-alternatives", "leave out what other settings would cost"),
    line("json", "for programs"),
  ].join("");
}

/** The options, or what is wrong with them. */
export function readOptions(
  values: Readonly<Record<string, string | boolean | undefined>>,
): StudyOptions | string {
  const numbers = new Map<string, number>();
  for (const { name, usual, least, most } of SWITCHES) {
    const given = values[name];
    const value = given === undefined ? usual : Number(given);
    if (given === "" || !(value >= least && value <= most)) {
      return `--${name} takes a number from ${least} to ${most}.\n${usageOf()}`;
    }
    numbers.set(name, value);
  }
  const of = (name: (typeof SWITCHES)[number]["name"]) => numbers.get(name) as number;
  if (of("job-least") >= of("job-most")) return "--job-least is less than --job-most.\n";
  for (const name of ["tenants", "slots", "fan-out", "seed"] as const) {
    if (!Number.isInteger(of(name))) return `--${name} takes a whole number.\n`;
  }
  return toOptions(of, values);
}

type Reader = (name: (typeof SWITCHES)[number]["name"]) => number;

function toOptions(
  of: Reader,
  values: Readonly<Record<string, string | boolean | undefined>>,
): StudyOptions {
  const rate = of("run-task-rate");
  return {
    seed: of("seed"),
    hours: of("hours"),
    mix: toMix(of),
    fleet: {
      slots: of("slots"),
      lingerSeconds: of("linger-seconds"),
      warm: of("warm") > 0,
      spotShare: of("spot-share"),
      interruptionsPerHour: of("interruptions"),
      checkpointSeconds: of("checkpoint-seconds"),
      retrySeconds: of("retry-seconds"),
    },
    streams: {
      listenMs: of("listen-seconds") * 1000,
      ownRetryMs: of("idle-seconds") * 1000,
    },
    quotas: {
      vcpus: { spot: of("vcpus-spot"), onDemand: of("vcpus") },
      lambdas: of("lambdas"),
      runTask: { burst: rate, perSecond: rate },
    },
    doublings: values["no-doubling"] ? 0 : 11,
    alternatives: !values["no-alternatives"],
  };
}

function toMix(of: Reader): StudyOptions["mix"] {
  return {
    ...DEFAULT_MIX,
    tenants: of("tenants"),
    peak: of("peak"),
    quickCalls: of("quick-calls"),
    sessions: of("sessions"),
    sessionMinutes: of("session-minutes"),
    subscribedShare: of("subscribed-share"),
    listens: of("listens"),
    listenMinutes: of("listen-minutes"),
    workerCalls: of("worker-calls"),
    together: of("together"),
    fanOut: of("fan-out"),
    jobSeconds: { low: of("job-least"), high: of("job-most"), alpha: of("job-tail") },
    streamedShare: of("streamed-share"),
    pushes: of("pushes"),
    repeatedPushes: of("repeated-pushes"),
  };
}

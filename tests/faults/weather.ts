import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "@zenode/emulator";
import type { FaultPath } from "./observers/fault-path.ts";

/** What hits everybody for as long as a phase lasts. */
export const WEATHERS = {
  calm: [],
  "dynamodb throttled": [{ service: "dynamodb", rate: 0.3, action: { kind: "throttle" } }],
  "dynamodb failing": [{ service: "dynamodb", rate: 0.3, action: { kind: "error" } }],
  "dynamodb answers lost": [{ service: "dynamodb", rate: 0.15, action: { kind: "lose-answer" } }],
  "s3 failing": [
    { service: "s3", rate: 0.15, action: { kind: "error" } },
    { service: "s3", rate: 0.15, action: { kind: "throttle" } },
    { service: "s3", rate: 0.1, action: { kind: "tear", afterBytes: 100 } },
    { service: "s3", rate: 0.1, action: { kind: "lose-answer" } },
  ],
  "no capacity": [],
  "clock jumps": [],
  storm: [
    { service: "dynamodb", rate: 0.1, action: { kind: "throttle" } },
    { service: "dynamodb", rate: 0.05, action: { kind: "lose-answer" } },
    { service: "s3", rate: 0.15, action: { kind: "error" } },
    { service: "ecs", operation: "RunTask", rate: 0.2, action: { kind: "lose-answer" } },
  ],
} as const satisfies Record<string, readonly Fault[]>;

export type Weather = keyof typeof WEATHERS;

const CHANGING: Partial<Record<Weather, (path: FaultPath, random: () => number) => Promise<void>>> =
  {
    "no capacity": outOfCapacity,
    "clock jumps": jumpingClocks,
    storm: async (path, random) => {
      await outOfCapacity(path, random);
      await jumpingClocks(path, random);
    },
  };

/** Runs a phase's work in a weather, and leaves a clear sky. */
export async function inWeather<T>(
  path: FaultPath,
  weather: Weather,
  { random, work }: { readonly random: () => number; readonly work: () => Promise<T> },
): Promise<T> {
  const over = new AbortController();
  for (const fault of WEATHERS[weather]) path.faults.add(fault);
  const change = CHANGING[weather];
  const changing = (async () => {
    while (change && !over.signal.aborted) await change(path, random);
  })();
  try {
    return await work();
  } finally {
    over.abort();
    await changing;
    path.faults.clear();
  }
}

/** For up to 1.5 s no task is started, neither on Spot nor on demand; then for up to 3 s there is place. */
async function outOfCapacity({ faults }: FaultPath, random: () => number): Promise<void> {
  const id = faults.add({ service: "ecs", operation: "RunTask", action: { kind: "no-capacity" } });
  await delay(random() * 1500);
  faults.remove(id);
  await delay(random() * 3000);
}

/** Some clock jumps for a moment: mostly by seconds, now and then by more than a lease is long. */
async function jumpingClocks(path: FaultPath, random: () => number): Promise<void> {
  const whose = random() < 0.5 ? "gateway" : "worker";
  const reach = random() < 0.7 ? 8_000 : 60_000;
  const offsetMs = Math.round((random() * 2 - 1) * reach);
  path.moveClock(whose, offsetMs);
  path.local.cloud.clock.advance(offsetMs);
  await delay(random() * 600);
  path.moveClock(whose, 0);
  path.local.cloud.clock.advance(-offsetMs);
  await delay(random() * 1200);
}

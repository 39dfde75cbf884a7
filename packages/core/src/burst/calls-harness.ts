import * as z from "zod";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryLaunchQueue } from "../testing/launch-queue-memory.ts";
import { MemoryWorkerLauncher } from "../testing/launcher-memory.ts";
import { MemoryPlacementHistory } from "../testing/placement-history-memory.ts";
import { MemoryWakeups } from "../testing/wakeups-memory.ts";
import { makePrincipal } from "../testing/workspace-memory.ts";
import { defineTool } from "../tool/define-tool.ts";
import { text } from "../tool/tool-result.ts";
import type { Projects } from "../workspace/projects.ts";
import { createCalls } from "./calls.ts";
import { InProcessResults } from "./in-process-results.ts";

export const ann = makePrincipal({
  tenant: "t-a",
  subject: "ann",
  username: "ann",
  expiresAt: 1e15,
});

export const base = {
  title: "Probe",
  description: "For tests.",
  input: z.object({ n: z.number() }),
  annotations: {},
  scope: "read" as const,
  limits: { timeoutMs: 1000 },
  load:
    async () =>
    async ({ n }: { n: number }) =>
      text(`n is ${n}`),
};
export const quick = defineTool({ ...base, name: "quick", placement: { kind: "lambda" } });
export const long = defineTool({ ...base, name: "long", placement: { kind: "fargate" } });

/** Calls over memory stores and a clock on which time passes only by sleeping. */
export function setUp() {
  let time = 1_000_000;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      // After whatever is ready to run, as real time would be.
      await new Promise(setImmediate);
      time += ms;
    },
  };
  const jobs = new MemoryJobStore(clock);
  const log = new MemoryEventLog(clock);
  const launcher = new MemoryWorkerLauncher();
  const [queue, wakeups] = [new MemoryLaunchQueue(), new MemoryWakeups()];
  const projects = () => ({}) as Projects;
  const results = new InProcessResults();
  const history = new MemoryPlacementHistory(clock);
  const reported: unknown[] = [];
  const ports = {
    results,
    jobs,
    log,
    launcher,
    queue,
    wakeups,
    clock,
    projects,
    history,
    report: (cause: unknown) => reported.push(cause),
  };
  const call = (tool: typeof quick, n: number) => ({
    tool,
    principal: ann,
    input: { n },
    sent: { n },
    deadline: time + 60_000,
    asks: [],
  });
  const place = (tool: typeof quick, n: number) => createCalls(ports).place(call(tool, n));
  return {
    ports,
    reported,
    jobs,
    log,
    launcher,
    wakeups,
    clock,
    calls: createCalls(ports),
    place,
    call,
  };
}

export async function placeJob(place: ReturnType<typeof setUp>["place"], n = 1) {
  const placed = await place(long, n);
  if (placed.kind !== "burst") throw new Error("expected a job");
  return placed.job;
}

/** A caller who hears nothing and answers nothing. */
export const nobody = {
  progress: () => undefined,
  log: () => undefined,
  ask: () => Promise.reject(new Error("asked")),
  answered: [],
  isWaiting: false,
};

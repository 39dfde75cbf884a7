import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../harness/eventually.ts";
import type { Driver } from "./clients/driver.ts";
import { CLIENTS, type ClientName } from "./clients/index.ts";
import type { SeenAnswer, ToolLine } from "./model/history.ts";
import { checkHistory } from "./model/model.ts";
import { type FaultPath, laneOf, startFaultPath } from "./observers/fault-path.ts";
import { RunObserver } from "./observers/run-observer.ts";

/** An hour, a minute of which takes as long as this. */
const MINUTES = 60;
const MINUTE_MS = 250;
const PATIENCE_MS = 200_000;

type Start = Extract<ToolLine, { kind: "start" }>;

let path: FaultPath;

beforeAll(async () => {
  path = await startFaultPath(1);
});
afterAll(() => path.close());

const startsOf = (run: RunObserver) =>
  run.lines().filter((line): line is Start => line.kind === "start");

/** Takes the worker of the tool's `nth` start away once it has done so many steps. */
async function interrupt(
  run: RunObserver,
  nth: number,
  { steps, how }: { readonly steps: number; readonly how: "kill" | "spot" },
): Promise<void> {
  const done = () => {
    const start = startsOf(run)[nth];
    const own = run.lines().filter((line) => line.kind === "step" && line.run === start?.run);
    return own.length >= steps && start;
  };
  const start = await eventually(`start ${nth} to do ${steps} steps`, done, PATIENCE_MS);
  const { ecs } = path.local.cloud;
  const arn = run.tasks().find((task) => task.arn.endsWith(`/${start.task}`))?.arn ?? "";
  run.blame(arn, how);
  if (how === "kill") ecs.kill(arn);
  else ecs.spotInterrupt(arn);
}

/** Where the client is lost: by the minutes it has heard of. */
async function follow(driver: Driver, leaves: number[]): Promise<SeenAnswer> {
  for (;;) {
    const left = new AbortController();
    const heard = () => Math.max(0, ...driver.exchanges.flatMap(({ progress }) => progress));
    const leaveAt = leaves.shift();
    const leaving = eventually(
      "the time to leave",
      () => left.signal.aborted || (leaveAt !== undefined && heard() >= leaveAt),
      PATIENCE_MS,
    ).then(() => left.abort());
    const answer = await driver.connect(left.signal);
    left.abort();
    await leaving;
    if (answer) return answer;
  }
}

test.each(["asks again", "Last-Event-ID"] as const satisfies ClientName[])(
  "an hour with interruptions and two reconnections ends once, and its progress only grows: %s",
  async (client) => {
    const run = new RunObserver(path, `hour-${client.replaceAll(/\W/g, "-")}`);
    mkdirSync(run.folder);
    const user = laneOf(0).own.first;
    const token = await path.local.token(user);
    const size = { steps: MINUTES, stepMs: MINUTE_MS, fillerBytes: 0 };
    const args = { folder: run.folder, label: run.label, call: "0.0", project: "p", ...size };
    const driver = CLIENTS[client]({ mcpUrl: path.local.mcpUrl, token, args });
    const answering = follow(driver, [8, 30]);

    const [start] = await eventually(
      "the tool to start",
      () => startsOf(run).length > 0 && startsOf(run),
    );
    const hasCheckpoints = start?.checkpoints === true;
    await interrupt(run, 0, { steps: 12, how: "spot" });
    await interrupt(run, 1, { steps: 15, how: "kill" });
    // A job that begins anew each time is given up after its third worker.
    if (hasCheckpoints) await interrupt(run, 2, { steps: 15, how: "spot" });

    expect(await answering).toMatchObject({ kind: "result", isError: false });
    const users = { "0.0": user };
    const expected = { steps: MINUTES, file: path.file, troubled: false, lingers: false, users };
    const exchanges = driver.exchanges.map((exchange) => ({ ...exchange, call: "0.0" }));
    const history = await run.history(expected, exchanges);
    expect(checkHistory(history)).toEqual([]);
    expect(new Set(history.exchanges.flatMap(({ progress }) => progress)).size).toBeLessThanOrEqual(
      MINUTES,
    );
    expect(driver.exchanges.flatMap(({ progress }) => progress).at(-1)).toBe(MINUTES);
    expect(startsOf(run)).toHaveLength(hasCheckpoints ? 4 : 3);
    // With checkpoints no step is done again but the one a kill cut off.
    if (hasCheckpoints) {
      const steps = history.lines.filter(({ kind }) => kind === "step");
      expect(steps.length).toBeLessThanOrEqual(MINUTES + 1);
    }
  },
  PATIENCE_MS + 60_000,
);

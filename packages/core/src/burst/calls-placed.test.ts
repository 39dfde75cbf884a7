import { expect, test } from "vitest";
import { HOUR, SECOND } from "../lib/duration.ts";
import { defineTool } from "../tool/define-tool.ts";
import { text } from "../tool/tool-result.ts";
import { createCalls } from "./calls.ts";
import { ann, base, nobody, quick, setUp } from "./calls-harness.ts";

const weighed = defineTool({
  ...base,
  name: "weighed",
  placement: { kind: "auto", weigh: async ({ n }) => n },
});

test("a quick tool runs here", async () => {
  const { place, launcher } = setUp();
  const placed = await place(quick, 1);
  if (placed.kind !== "here") throw new Error("expected to run here");
  const ended = await placed.run(nobody, new AbortController().signal);
  expect(ended).toEqual({ kind: "result", result: text("n is 1") });
  expect(launcher.launched).toEqual([]);
});

test.each([
  [5 * SECOND, 60_000, "here"],
  [5 * SECOND + 1, 60_000, "burst"],
  [5, 500, "burst"],
])("a call that should take %d ms with %d ms left runs %s", async (n, left, kind) => {
  const { calls, call, clock } = setUp();
  const placed = await calls.place({ ...call(weighed, n), deadline: clock.now() + left });
  expect(placed.kind).toBe(kind);
});

/** Runs until it is interrupted, and leaves a checkpoint. */
const growing = defineTool({
  ...base,
  name: "growing",
  limits: { timeoutMs: HOUR },
  placement: { kind: "auto", weigh: async () => 2 * SECOND },
  load:
    async () =>
    async (_, { signal, checkpoint, deadline, clock }) => {
      while (!signal.aborted && clock.now() < deadline) await new Promise(setImmediate);
      await checkpoint({ at: 7 });
      throw signal.reason;
    },
});

async function placeGrowing({ calls, call, clock }: ReturnType<typeof setUp>) {
  const placed = await calls.place({ ...call(growing, 1), deadline: clock.now() + 2 * HOUR });
  if (placed.kind !== "here") throw new Error("expected to run here");
  return placed;
}

test("a call that outgrows this process moves, with its checkpoint and the answers since", async () => {
  const setting = setUp();
  const placed = await placeGrowing(setting);
  const answered = [
    { key: "ask-1", request: { method: "roots/list" }, answer: { roots: [] } },
  ] as const;
  const ended = await placed.run({ ...nobody, answered }, new AbortController().signal);
  expect(ended).toMatchObject({ kind: "moved", job: { state: "queued", checkpoint: { at: 7 } } });
  // Answered before the checkpoint, so closed by it.
  expect(ended).toMatchObject({ job: { inputs: [] } });
  expect(setting.launcher.launched).toHaveLength(1);
});

test("after a call has outgrown this process the next one goes to a worker at once, of its own tenant", async () => {
  const setting = setUp();
  const placed = await placeGrowing(setting);
  await placed.run(nobody, new AbortController().signal);
  const next = { ...setting.call(growing, 2), deadline: setting.clock.now() + 2 * HOUR };
  expect(await setting.calls.place(next)).toMatchObject({ kind: "burst" });
  const other = { ...next, principal: { ...ann, tenant: "t-b" } };
  expect(await setting.calls.place(other)).toMatchObject({ kind: "here" });
});

test("a call taken back teaches nothing", async () => {
  const setting = setUp();
  const placed = await placeGrowing(setting);
  await placed.run(nobody, AbortSignal.abort());
  expect(await setting.ports.history.factor("t-a", "growing")).toBe(1);
});

test("history that can't be written is told to the operator and fails no call", async () => {
  const { ports, call, clock, reported } = setUp();
  const history = {
    factor: async () => 1,
    learn: () => Promise.reject(new Error("DynamoDB is away")),
  };
  const calls = createCalls({ ...ports, history });
  const placed = await calls.place({ ...call(growing, 1), deadline: clock.now() + 2 * HOUR });
  if (placed.kind !== "here") throw new Error("expected to run here");
  const ended = await placed.run(nobody, new AbortController().signal);
  expect(ended.kind).toBe("moved");
  expect(reported).toEqual([new Error("DynamoDB is away")]);
});

test("a call that waits for its client or was taken back does not move", async () => {
  const setting = setUp();
  const placed = await placeGrowing(setting);
  const { signal } = new AbortController();
  expect(await placed.run({ ...nobody, isWaiting: true }, signal)).toEqual({ kind: "waiting" });
  expect(await placed.run(nobody, AbortSignal.abort())).toMatchObject({
    kind: "result",
    result: { isError: true },
  });
  expect(setting.launcher.launched).toEqual([]);
});

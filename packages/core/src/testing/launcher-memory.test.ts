import { expect, test } from "vitest";
import type { LaunchOrder } from "../burst/launcher.ts";
import { MemoryWorkerLauncher } from "./launcher-memory.ts";

const order: LaunchOrder = { tenant: "t-acme", id: "task_1", token: "task_1-1-0" };

test("one token launches one worker, however often it is asked for", async () => {
  const launcher = new MemoryWorkerLauncher();
  const first = await launcher.launch(order);
  expect(await launcher.launch(order)).toEqual(first);
  await launcher.launch({ ...order, token: "task_1-2-0" });
  expect(launcher.launched.map(({ token }) => token)).toEqual(["task_1-1-0", "task_1-2-0"]);
});

test("a shortage is answered with later, until it is over", async () => {
  const launcher = new MemoryWorkerLauncher();
  launcher.setShortage("Capacity is unavailable at this time.");
  expect(await launcher.launch(order)).toEqual({
    kind: "later",
    reason: "Capacity is unavailable at this time.",
  });
  launcher.setShortage(undefined);
  expect(await launcher.launch(order)).toMatchObject({ kind: "launched" });
});

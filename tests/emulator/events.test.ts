import { expect, test } from "vitest";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import type { CloudEvent } from "../../packages/emulator/src/events/cloud-event.ts";
import {
  type DroppedEvent,
  type EventsOptions,
  startEvents,
} from "../../packages/emulator/src/events/start-events.ts";

const RULE = {
  name: "task-ended",
  source: "aws.ecs",
  detailType: "ECS Task State Change",
  functionName: "recover",
};

const EVENT: CloudEvent = {
  version: "0",
  id: "1",
  source: "aws.ecs",
  "detail-type": "ECS Task State Change",
  account: "000000000000",
  time: "2026-11-22T10:00:00Z",
  region: "eu-central-1",
  resources: [],
  detail: { lastStatus: "STOPPED" },
};

const RETRY = { maxAttempts: 4, firstDelayMs: 1, maxDelayMs: 4, maxAgeMs: 1_000 };

function eventsWith(options: Partial<EventsOptions> = {}) {
  const delivered: [string, CloudEvent][] = [];
  const dropped: DroppedEvent[] = [];
  const clock = new EmulatorClock();
  const events = startEvents({
    rules: [RULE],
    clock,
    retry: RETRY,
    invoke: async (functionName, event) => {
      delivered.push([functionName, event]);
    },
    onDropped: (event) => dropped.push(event),
    ...options,
  });
  return { events, delivered, dropped, clock };
}

test("a rule that names fields of the detail gets only events with one of its values", async () => {
  const rule = { ...RULE, detail: { lastStatus: ["STOPPED", "DEPROVISIONING"] } };
  const { events, delivered } = eventsWith({ rules: [rule] });
  events.publish({ ...EVENT, detail: { lastStatus: "RUNNING" } });
  events.publish({ ...EVENT, detail: {} });
  events.publish(EVENT);
  await events.drain();
  expect(delivered).toEqual([["recover", EVENT]]);
});

test("an event goes to the targets of the rules it matches", async () => {
  const other = { ...RULE, name: "other", source: "aws.s3", functionName: "never" };
  const second = { ...RULE, name: "second", functionName: "also" };
  const { events, delivered } = eventsWith({ rules: [RULE, other, second] });
  events.publish(EVENT);
  events.publish({ ...EVENT, "detail-type": "ECS Deployment State Change" });
  await events.drain();
  expect(delivered).toEqual([
    ["recover", EVENT],
    ["also", EVENT],
  ]);
});

test("a delivery that is not accepted is made again", async () => {
  let attempts = 0;
  const { events, dropped } = eventsWith({
    invoke: async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("not now");
    },
  });
  events.publish(EVENT);
  await events.drain();
  expect(attempts).toBe(3);
  expect(dropped).toEqual([]);
});

test("after its attempts or its age an event is dropped", async () => {
  let attempts = 0;
  const cause = new Error("never");
  const { events, dropped, clock } = eventsWith({
    invoke: async () => {
      attempts += 1;
      throw cause;
    },
  });
  events.publish(EVENT);
  await events.drain();
  expect(attempts).toBe(4);
  expect(dropped).toEqual([{ rule: "task-ended", event: EVENT, cause }]);
  events.publish(EVENT);
  clock.advance(2_000);
  await events.drain();
  expect(attempts).toBe(5);
});

test("duplicates are delivered on demand", async () => {
  const { events, delivered } = eventsWith();
  events.duplicate(1);
  events.publish(EVENT);
  events.publish(EVENT);
  await events.drain();
  expect(delivered).toHaveLength(3);
});

test("close gives up waiting retries", async () => {
  const { events } = eventsWith({
    retry: { ...RETRY, firstDelayMs: 60_000, maxDelayMs: 60_000 },
    invoke: () => Promise.reject(new Error("never")),
  });
  events.publish(EVENT);
  await Promise.resolve();
  events.close();
  await events.drain();
});

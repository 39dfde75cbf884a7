import { expect, test } from "vitest";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { type Change, ChangeBus, type ChangeTopic, WINDOW_MS } from "./change-bus.ts";

const TOOLS: Change = { kind: "tools" };
const PROMPTS: Change = { kind: "prompts" };
const DEMO: Change = { kind: "project", project: "demo" };

/** A clock on which time passes only by sleeping, or when a test says so. */
function setUp(start = 100 * WINDOW_MS + WINDOW_MS / 2) {
  let time = start;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      await new Promise(setImmediate);
      time += ms;
    },
  };
  const log = new MemoryEventLog(clock);
  // Each stands for a process.
  const [here, there] = [new ChangeBus({ log, clock }), new ChangeBus({ log, clock })];
  return { here, there, clock, move: (ms: number) => (time += ms) };
}

async function listen(bus: ChangeBus, topics: readonly ChangeTopic[], tenant = "t-a") {
  const feed = await bus.listen(tenant, topics);
  const over = new AbortController();
  const changes = feed.changes(over.signal);
  return {
    next: async () => (await changes.next()).value as Change | undefined,
    /** Everything until now. */
    close: () => over.abort(),
  };
}

test("another process's change is heard, in order, and nothing from before the listening", async () => {
  const { here, there } = setUp();
  await there.publish("t-a", DEMO);
  await there.publish("t-a", TOOLS);
  const { next } = await listen(here, ["lists"]);
  await there.publish("t-a", PROMPTS);
  await here.publish("t-a", TOOLS);
  expect([await next(), await next()]).toEqual([PROMPTS, TOOLS]);
});

test("topics and tenants are apart", async () => {
  const { here, there } = setUp();
  const { next } = await listen(here, ["resources"]);
  await there.publish("t-a", TOOLS);
  await there.publish("t-b", { kind: "project", project: "theirs" });
  await there.publish("t-a", DEMO);
  expect(await next()).toEqual(DEMO);
});

test("of changes at the same moment none is lost", async () => {
  const { here, there } = setUp();
  const { next } = await listen(here, ["resources"]);
  const projects = Array.from({ length: 10 }, (_, index) => `p${index}`);
  await Promise.all(
    projects.map((project, index) =>
      (index % 2 ? here : there).publish("t-a", { kind: "project", project }),
    ),
  );
  const heard: unknown[] = [];
  for (const _ of projects) heard.push(((await next()) as { project: string }).project);
  expect(heard.sort()).toEqual(projects);
});

test("a listener goes on in the next window, and hears a writer whose clock is behind", async () => {
  const { here, there, move, clock } = setUp(101 * WINDOW_MS - 1000);
  const { next } = await listen(here, ["lists"]);
  await there.publish("t-a", TOOLS);
  expect(await next()).toEqual(TOOLS);
  move(2000 - (clock.now() - (101 * WINDOW_MS - 1000)));
  expect(clock.now()).toBe(101 * WINDOW_MS + 1000);
  await there.publish("t-a", PROMPTS);
  expect(await next()).toEqual(PROMPTS);
  move(-3000);
  await there.publish("t-a", TOOLS);
  move(3000);
  expect(await next()).toEqual(TOOLS);
});

test("a listener that is told to stop ends", async () => {
  const { here } = setUp();
  const { next, close } = await listen(here, ["lists"]);
  close();
  expect(await next()).toBeUndefined();
});

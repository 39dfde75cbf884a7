import { expect, test } from "vitest";
import { newId } from "../lib/id.ts";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryLaunchQueue } from "../testing/launch-queue-memory.ts";
import { makeJob } from "../testing/make-job.ts";
import { MemoryWakeups } from "../testing/wakeups-memory.ts";
import { bringToWorker, dispatch } from "./dispatch.ts";
import type { Job } from "./job.ts";
import { ticketOf } from "./launch-queue.ts";
import type { LaunchOrder, LaunchResult } from "./launcher.ts";
import { lookAfter } from "./watch.ts";

/** Room for so many workers, as ECS would have it: a token is launched once. */
class Room {
  readonly launched: LaunchOrder[] = [];
  tried = 0;
  room: number;

  constructor(room: number) {
    this.room = room;
  }

  launch(order: LaunchOrder): Promise<LaunchResult> {
    this.tried += 1;
    if (this.launched.some(({ token }) => token === order.token))
      return Promise.resolve({ kind: "launched", taskArn: order.token });
    if (this.room === 0) return Promise.resolve({ kind: "later", reason: "full" });
    this.room -= 1;
    this.launched.push(order);
    return Promise.resolve({ kind: "launched", taskArn: order.token });
  }

  get tenants(): string {
    return this.launched.map(({ tenant }) => tenant.slice(2)).join("");
  }
}

function setUp(room: number) {
  let time = 1_000_000;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  const jobs = new MemoryJobStore(clock);
  const launcher = new Room(room);
  const queue = new MemoryLaunchQueue();
  const [log, wakeups] = [new MemoryEventLog(clock), new MemoryWakeups()];
  const ports = { jobs, launcher, queue, clock, log, wakeups };
  async function submit(name: string): Promise<Job> {
    time += 1;
    const job = newJob(`t-${name}`, time);
    await jobs.create(job);
    await bringToWorker(ports, job);
    return job;
  }
  return { ports, jobs, launcher, queue, clock, wakeups, submit };
}

const newJob = (tenant: string, now: number) => makeJob({ expiresAt: now + 1e9 }, { tenant }, now);

test("while nobody waits and there is room, a job is launched at once and leaves no ticket", async () => {
  const { submit, launcher, queue, jobs } = setUp(2);
  const job = await submit("a");
  await submit("a");
  expect(launcher.tenants).toBe("aa");
  expect((await queue.ring()).places).toEqual([]);
  expect(await jobs.get("t-a", job.id)).toHaveProperty("awaitedUntil");
});

test("one tenant's flood does not keep another tenant waiting", async () => {
  const { submit, launcher, ports, clock } = setUp(1);
  for (const name of "aaaaaabbc") await submit(name);
  for (let stopped = 0; stopped < 8; stopped += 1) {
    await clock.sleep(1000);
    launcher.room = 1;
    await dispatch(ports, true);
  }
  // The first was launched before anybody waited; from then on everybody in turn.
  expect(launcher.tenants).toBe("aabcabaaa");
});

test("a tenant's jobs are launched in the order they came", async () => {
  const { submit, launcher, ports } = setUp(0);
  const submitted = [];
  for (const name of "aaa") submitted.push((await submit(name)).id);
  launcher.room = 3;
  await dispatch(ports, true);
  expect(launcher.launched.map(({ id }) => id)).toEqual(submitted);
});

test("a job that comes while others wait does not pass them", async () => {
  const { submit, launcher, ports } = setUp(0);
  await submit("a");
  launcher.room = 1;
  await submit("b");
  expect(launcher.launched).toEqual([]);
  await dispatch(ports, true);
  expect(launcher.tenants).toBe("a");
});

test("a refused launch keeps the turn, and stops others from trying for a while", async () => {
  const { submit, launcher, ports, clock, queue } = setUp(0);
  await submit("a");
  const before = (await queue.ring()).places;
  const tried = launcher.tried;
  expect(await dispatch(ports)).toBe(0);
  expect(launcher.tried).toBe(tried);
  await clock.sleep(2001);
  expect(await dispatch(ports)).toBe(0);
  expect(launcher.tried).toBe(tried + 1);
  expect((await queue.ring()).places).toEqual(before);
  launcher.room = 1;
  expect(await dispatch(ports, true)).toBe(1);
});

test("several dispatchers at once launch each job once and serve the tenants in turn", async () => {
  const { submit, launcher, ports } = setUp(0);
  for (const name of "aaabbbccc") await submit(name);
  launcher.room = 6;
  await Promise.all([1, 2, 3, 4].map(() => dispatch(ports, true)));
  expect([...launcher.tenants].sort().join("")).toBe("aabbcc");
  expect(new Set(launcher.launched.map(({ id }) => id)).size).toBe(6);
});

test.each([
  [
    "cancelled",
    async ({ jobs, clock }: ReturnType<typeof setUp>, { id }: Job) => {
      await jobs.cancel("t-a", id, clock.now());
    },
  ],
  [
    "claimed",
    async ({ jobs, clock }: ReturnType<typeof setUp>, { id }: Job) => {
      const now = clock.now();
      await jobs.claim("t-a", id, { worker: "w", leaseUntil: now + 1000, now });
    },
  ],
  [
    "launched by another way",
    async ({ jobs, clock }: ReturnType<typeof setUp>, job: Job) => {
      await jobs.noteLaunch(job, clock.now() + 1000);
    },
  ],
])(
  "a job that was %s while it waited leaves the queue and takes nobody's turn",
  async (_, change) => {
    const all = setUp(0);
    const gone = await all.submit("a");
    for (const name of "ab") await all.submit(name);
    await change(all, gone);
    all.launcher.room = 1;
    expect(await dispatch(all.ports, true)).toBe(1);
    expect(all.launcher.tenants).toBe("a");
    expect((await all.queue.oldest("t-a"))?.id).not.toBe(gone.id);
  },
);

/** Deaths: the dispatcher's process ends right before one of its writes. */
test.each(["moveTurn", "dropTicket", "leave", "closeGate", "addTicket", "join"] as const)(
  "a death right before %s loses no job",
  async (method) => {
    const { submit, launcher, ports, queue, clock, jobs } = setUp(1);
    const dying = new Proxy(queue, {
      get: (object, name) =>
        name === method
          ? () => Promise.reject(new Error("died"))
          : Reflect.get(object, name).bind(object),
    });
    const job = newJob("t-d", clock.now());
    await submit("a");
    await submit("b");
    await jobs.create(job);
    const dead = { ...ports, queue: dying };
    await bringToWorker(dead, job).catch(() => undefined);
    launcher.room = 1;
    await dispatch(dead, true).catch(() => undefined);
    launcher.room = 9;
    // What its message brings.
    await lookAfter(ports, { kind: "watch", tenant: "t-d", id: job.id });
    await dispatch(ports, true);
    expect([...new Set(launcher.tenants)].sort().join("")).toBe("abd");
    expect((await queue.ring()).places).toEqual([]);
  },
);

test("a job that can't be launched at all does not keep its tenant's other jobs waiting", async () => {
  const { ports, submit, launcher } = setUp(0);
  const broken = await submit("a");
  await submit("a");
  launcher.room = 2;
  const failing = {
    ...ports,
    launcher: {
      launch: (order: LaunchOrder) =>
        order.id === broken.id ? Promise.reject(new Error("no such size")) : launcher.launch(order),
    },
  };
  await expect(dispatch(failing, true)).rejects.toThrow("no such size");
  expect(await dispatch(failing, true)).toBe(1);
  expect(launcher.tenants).toBe("a");
});

test("a place whose ticket came while it was being given up stays", async () => {
  const { ports, queue, jobs, launcher, clock } = setUp(0);
  await queue.join("t-a", 1);
  const job = newJob("t-a", clock.now());
  await jobs.create(job);
  const late = {
    ...ports,
    queue: new Proxy(queue, {
      get: (object, name) => {
        if (name !== "oldest") return Reflect.get(object, name).bind(object);
        return async (tenant: string) => {
          const seen = await object.oldest(tenant);
          await object.addTicket(ticketOf(job));
          await object.join(tenant, clock.now());
          return seen;
        };
      },
    }),
  };
  launcher.room = 1;
  await dispatch(late, true);
  expect(launcher.tenants).toBe("a");
});

test("a worker that is silent past its lease loses its job to the watchdog, which then comes again", async () => {
  const { ports, submit, jobs, clock, launcher, wakeups } = setUp(5);
  const { id } = await submit("a");
  const now = clock.now();
  await jobs.claim("t-a", id, { worker: "w-1", leaseUntil: now + 15_000, now });
  const wakeup = { kind: "watch", tenant: "t-a", id } as const;
  expect(await lookAfter(ports, wakeup)).toBe("leave");
  expect(wakeups.take()).toEqual([{ wakeup, afterSeconds: 60 }]);
  await clock.sleep(60_000);
  expect(await lookAfter(ports, wakeup)).toBe("requeue");
  expect(launcher.launched).toHaveLength(2);
  expect(await jobs.get("t-a", id)).toMatchObject({ state: "queued", attempts: 1 });
  expect(wakeups.take()).toEqual([{ wakeup, afterSeconds: 15 }]);
});

test("the watchdog of a job that has ended, or never was, comes no more", async () => {
  const { ports, submit, jobs, clock, wakeups } = setUp(5);
  const { id } = await submit("a");
  await jobs.cancel("t-a", id, clock.now());
  expect(await lookAfter(ports, { kind: "watch", tenant: "t-a", id })).toBe("ended");
  const unknown = newId("task");
  expect(await lookAfter(ports, { kind: "watch", tenant: "t-a", id: unknown })).toBe("unknown");
  expect(wakeups.take()).toEqual([]);
});

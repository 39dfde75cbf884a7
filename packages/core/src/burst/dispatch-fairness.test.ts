import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryLaunchQueue } from "../testing/launch-queue-memory.ts";
import { makeJob } from "../testing/make-job.ts";
import { type DispatchPorts, dispatch } from "./dispatch.ts";
import { ticketOf } from "./launch-queue.ts";
import type { LaunchOrder, LaunchResult } from "./launcher.ts";

/** What became of a try, in the order in which ECS decided. */
interface Tried {
  readonly tenant: string;
  readonly id: string;
  readonly kind: "launched" | "refused";
}

/** A pause before and after whatever another process could come between. */
type Pause = () => Promise<unknown>;

function pausing<T extends object>(port: T, pause: Pause): T {
  return new Proxy(port, {
    get: (object, name) => {
      const method: unknown = Reflect.get(object, name);
      if (typeof method !== "function") return method;
      return async (...given: unknown[]) => {
        await pause();
        const result: unknown = await method.apply(object, given);
        await pause();
        return result;
      };
    },
  });
}

/** ECS with room for so many more tasks, on Spot and on demand alike; each is asked by itself, with a token of its own. */
class Ecs {
  readonly tried: Tried[] = [];
  /** Tasks by the tokens they were started with. */
  readonly tasks = new Map<string, string>();
  room = 0;
  /** Requests that were decided. */
  asked = 0;
  readonly #pause: Pause;

  constructor(pause: Pause) {
    this.#pause = pause;
  }

  async launch({ token, tenant, id }: LaunchOrder): Promise<LaunchResult> {
    for (const each of [token, `${token}.d`]) {
      await this.#pause();
      const started = this.#runTask(each, id);
      if (started) this.tried.push({ tenant, id, kind: "launched" });
      else if (each !== token) this.tried.push({ tenant, id, kind: "refused" });
      await this.#pause();
      if (started) return { kind: "launched", taskArn: each };
    }
    return { kind: "later", reason: "no capacity" };
  }

  #runTask(token: string, id: string): boolean {
    this.asked += 1;
    if (this.tasks.has(token)) return true;
    if (this.room === 0) return false;
    this.room -= 1;
    this.tasks.set(token, id);
    return true;
  }
}

async function setUp(pause: Pause, { tenants, each }: { tenants: number; each: number }) {
  let time = 1_000_000;
  const clock = { now: () => time, sleep: async () => undefined };
  const jobs = new MemoryJobStore(clock);
  const queue = new MemoryLaunchQueue();
  const ecs = new Ecs(pause);
  for (let tenant = 0; tenant < tenants; tenant += 1) {
    for (let number = 0; number < each; number += 1) {
      time += 1;
      const job = newJob(`t-${tenant}`, time);
      await jobs.create(job);
      await queue.addTicket(ticketOf(job));
      await queue.join(`t-${tenant}`, time);
    }
  }
  const ports: DispatchPorts = {
    jobs: pausing(jobs, pause),
    queue: pausing<DispatchPorts["queue"]>(queue, pause),
    launcher: ecs,
    clock,
  };
  const tick = () => {
    time += 1;
  };
  return { ports, ecs, tick };
}

const newJob = (tenant: string, now: number) => makeJob({ expiresAt: now + 1e9 }, { tenant }, now);

/** For each launch of a tenant's: how many of others' there were since its last one, and how often it was refused meanwhile. */
function waitsOf(tried: readonly Tried[], tenant: string) {
  const waits: { readonly others: number; readonly refused: number }[] = [];
  const known = new Set<string>();
  let [others, refused] = [0, 0];
  for (const { tenant: whose, id, kind } of tried) {
    const isOwn = whose === tenant;
    if (kind === "refused" && isOwn) refused += 1;
    // A repeat of a launch that was carried out launches nobody.
    if (kind === "refused" || known.has(id)) continue;
    known.add(id);
    if (!isOwn) others += 1;
    else {
      waits.push({ others, refused });
      [others, refused] = [0, 0];
    }
  }
  return waits;
}

const RUNS = 150;

const CASE = fc.record({
  tenants: fc.integer({ min: 1, max: 6 }),
  each: fc.integer({ min: 1, max: 4 }),
  dispatchers: fc.integer({ min: 1, max: 6 }),
  scheduler: fc.scheduler(),
  starts: fc.infiniteStream(fc.boolean()),
});

type Case = typeof CASE extends fc.Arbitrary<infer T> ? T : never;

/** Runs dispatchers beside each other, each because a worker stopped, until every job has a worker. */
async function runCase({ tenants, each, dispatchers, scheduler, starts }: Case): Promise<Ecs> {
  const pause = () => scheduler.schedule(Promise.resolve());
  const { ports, ecs, tick } = await setUp(pause, { tenants, each });
  const running = new Set<Promise<number>>();
  const launched = () => new Set(ecs.tasks.values()).size;
  const mayStart = () => launched() < tenants * each && running.size < dispatchers;
  while (running.size > 0 || mayStart()) {
    if (mayStart() && (running.size === 0 || starts.next().value)) {
      ecs.room += 1;
      const work = dispatch(ports, true).finally(() => running.delete(work));
      running.add(work);
    }
    await new Promise(setImmediate);
    if (scheduler.count() > 0) await scheduler.waitOne();
    tick();
  }
  return ecs;
}

test("between two launches of a tenant each other one has a turn, one more for each refused try, and one for each dispatcher beside", {
  timeout: 60_000,
}, async () => {
  let longest = 0;
  const property = fc.asyncProperty(CASE, async (one) => {
    const { tried, tasks } = await runCase(one);
    const turn = one.tenants - 1;
    for (let tenant = 0; tenant < one.tenants; tenant += 1) {
      for (const { others, refused } of waitsOf(tried, `t-${tenant}`)) {
        expect(others).toBeLessThanOrEqual(turn * (1 + refused) + one.dispatchers - 1);
        longest = Math.max(longest, others - turn);
      }
    }
    expect(mostOfOne([...tasks.values()])).toBeLessThanOrEqual(2);
  });
  await fc.assert(property, { numRuns: RUNS });
  // The strict round robin's n - 1 is not what holds.
  expect(longest).toBeGreaterThan(0);
});

function mostOfOne(ids: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return Math.max(...counts.values());
}

/**
 * One dispatcher was refused on Spot and has not yet asked on demand, when room comes for two and another one
 * tries the same ticket: the provider's tokens differ, so ECS can't know that it is one job.
 */
test("a job that two dispatchers launch at once has two workers at most: one for each provider's token", async () => {
  const held: (() => void)[] = [];
  const isSlow = { now: true };
  const pause = () =>
    isSlow.now ? new Promise<void>((resolve) => held.push(resolve)) : Promise.resolve();
  const { ports, ecs } = await setUp(pause, { tenants: 1, each: 1 });
  const first = dispatch(ports, true);
  const go = async (ready: () => boolean) => {
    while (!ready()) {
      await new Promise(setImmediate);
      held.shift()?.();
    }
  };
  // Until its request to Spot is about to be sent, and then refused.
  await go(() => ecs.asked === 1);
  isSlow.now = false;
  ecs.room = 2;
  await dispatch(ports, true);
  for (const resume of held.splice(0)) resume();
  await first;
  await dispatch(ports, true);
  const [id] = ecs.tasks.values();
  expect([...ecs.tasks]).toEqual([
    [`${id}-1-0`, id],
    [`${id}-1-0.d`, id],
  ]);
});

import { describe, expect, test, vi } from "vitest";
import { type JobId, jobStream } from "../../burst/job.ts";
import { MINUTE, SECOND } from "../../lib/duration.ts";
import { END, type EventLog, type LogEvent, type StoredEvent } from "../../log/event-log.ts";
import { ToolRegistry } from "../../tool/registry.ts";
import { Cloud, call, principal, TOOLS } from "../endpoint-harness.ts";
import type { McpPorts } from "../ports.ts";
import {
  events,
  initialize,
  legacyPost,
  type Message,
  rpc,
  type SseEvent,
  URL_OF_TESTS,
} from "../wire-harness.ts";

const PACE = { fastestMs: 5, slowestMs: 10 };
const RESULT = { content: [{ type: "text" as const, text: "crunched" }] };
const progress = (step: number): LogEvent => ({ kind: "progress", data: { progress: step } });
const log = (text: string): LogEvent => ({ kind: "log", data: { level: "info", data: text } });

/** A log as a process sees it that may be killed: from then on nothing it does has an effect, or an end. */
function mortal(whole: EventLog): EventLog & { kill(): void } {
  let isDead = false;
  const never = () => new Promise<never>(() => undefined);
  return {
    append: (...args) => (isDead ? never() : whole.append(...args)),
    readAfter: (...args) => (isDead ? never() : whole.readAfter(...args)),
    kill() {
      isDead = true;
    },
  };
}

/** What a client has heard on all its connections of one request. */
class Heard {
  readonly ids: string[] = [];
  readonly said: Message[] = [];

  /** Reads on until so many messages have come, or the end. */
  async read(reading: AsyncGenerator<SseEvent>, count = Number.POSITIVE_INFINITY): Promise<void> {
    while (this.said.length < count) {
      const { value, done } = await reading.next();
      if (done) return;
      if (value.id) this.ids.push(value.id);
      if (value.data) this.said.push(JSON.parse(value.data) as Message);
    }
  }

  get numbers(): number[] {
    return this.ids.map((id) => Number(id.split(".")[1]));
  }

  get last(): string {
    return this.ids.at(-1) ?? "";
  }

  /** Progress, texts of log messages and results, in short. */
  get words(): unknown[] {
    return this.said.map(
      ({ params, result }) => params?.progress ?? params?.data ?? result?.content[0].text,
    );
  }
}

/** A session with a call that a worker works at; each connection is another process. */
async function start(version = "2025-11-25", meta: object = { progressToken: "p" }) {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call(), version);
  const connect = (request: Request, ports: Partial<McpPorts>, who = principal()) => {
    const work: Promise<void>[] = [];
    const own = mortal(cloud.log);
    const endpoint = cloud.endpoint({ log: own, pace: PACE, ...ports });
    const response = endpoint.handle(request, call(who, { waitUntil: (one) => work.push(one) }));
    return { response, kill: own.kill, ended: () => Promise.all(work) };
  };
  const reading = async (connection: ReturnType<typeof connect>) => ({
    ...connection,
    reading: events(await connection.response),
  });
  const crunch = rpc("tools/call", { name: "crunch", arguments: {}, _meta: meta }, 9);
  const post = (ports: Partial<McpPorts> = {}) =>
    reading(connect(legacyPost(crunch, session), ports));
  const waitFor = (id: string) => {
    const params = { name: "task", arguments: { action: "wait", task_id: id }, _meta: meta };
    return reading(connect(legacyPost(rpc("tools/call", params, 10), session), {}));
  };
  const resume = (last: string, ports: Partial<McpPorts> = {}, who = principal()) => {
    const headers = { Accept: "text/event-stream", "Mcp-Session-Id": session };
    const request = new Request(URL_OF_TESTS, { headers: { ...headers, "Last-Event-ID": last } });
    return reading(connect(request, ports, who));
  };
  return { cloud, session, post, waitFor, resume, worker: await workerOf(cloud) };
}

/** A client whose connection died when it had heard the first step of its call. */
async function cutOff({ post, worker }: Awaited<ReturnType<typeof start>>): Promise<Heard> {
  const heard = new Heard();
  const first = await post();
  await worker.claim();
  await worker.say(progress(1));
  await heard.read(first.reading, 1);
  first.kill();
  return heard;
}

/** Does a job step by step. */
async function workerOf(cloud: Cloud) {
  let next = 1;
  const order = () =>
    vi.waitFor(() => {
      const [first] = cloud.launcher.launched;
      if (!first) throw new Error("Nothing was launched.");
      return first;
    });
  const job = async () => {
    const { tenant, id } = await order();
    const found = await cloud.jobs.get(tenant, id as JobId);
    if (!found) throw new Error(`${id} is not there.`);
    return found;
  };
  const say = async (...said: LogEvent[]) => {
    await cloud.log.append(jobStream(await job()), next, "worker", said);
    next += said.length;
  };
  return {
    job,
    say,
    async claim() {
      const { tenant, id } = await order();
      const times = { leaseUntil: Date.now() + MINUTE, now: Date.now() };
      const claimed = await cloud.jobs.claim(tenant, id, { worker: "w-1", ...times });
      await cloud.jobs.start({ tenant, id, fence: claimed?.fence ?? 0 }, Date.now());
    },
    async finish() {
      const { principal: who, id, fence } = await job();
      const end = { state: "completed", outcome: { kind: "result", result: RESULT } } as const;
      await cloud.jobs.finish({ tenant: who.tenant, id, fence }, end, Date.now());
      await say({ kind: END, data: {} });
    },
  };
}

async function logged(
  cloud: Cloud,
  session: string,
  last: string,
): Promise<readonly StoredEvent[]> {
  const stream = `${session}:answer:${last.split(".")[0]}`;
  return cloud.log.readAfter({ tenant: "t-one", stream, expiresAt: 2 ** 50 }, 0);
}

const answersIn = (stored: readonly StoredEvent[]) =>
  stored.filter(({ kind, data }) => kind === "message" && "result" in (data as object)).length;

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a stream whose process died while it followed a job", () => {
  test("is written on by whoever serves the client that came back, without gap or repeat [session-taken-over]", async () => {
    const { post, resume, worker, cloud, session } = await start();
    const heard = new Heard();
    const first = await post();
    await worker.claim();
    await worker.say(progress(1), log("a"));
    await heard.read(first.reading, 2);
    first.kill();
    await worker.say(progress(2), log("b"));
    const second = await resume(heard.last);
    await heard.read(second.reading, 4);
    second.kill();
    // Another worker, which began anew: what it repeats is not told.
    await worker.say(progress(1), log("c"), progress(3));
    const third = await resume(heard.last);
    await heard.read(third.reading, 6);
    await worker.finish();
    await heard.read(third.reading);
    expect(heard.words).toEqual([1, "a", 2, "b", "c", 3, "crunched"]);
    expect(heard.said.at(-1)?.id).toBe(9);
    expect(heard.numbers).toEqual(upTo(heard.numbers.length));
    expect(answersIn(await logged(cloud, session, heard.last))).toBe(1);
    await third.ended();
    expect(cloud.reported).toEqual([]);
  });

  test("is answered at once when the job has ended meanwhile, with all it said", async () => {
    const served = await start();
    const { resume, worker } = served;
    const heard = await cutOff(served);
    await worker.say(log("last words"), progress(2));
    await worker.finish();
    const second = await resume(heard.last);
    await heard.read(second.reading);
    expect(heard.words).toEqual([1, "last words", 2, "crunched"]);
    await second.ended();
  });

  test("is taken over before anything was told, too", async () => {
    const { post, resume, worker } = await start();
    const heard = new Heard();
    const first = await post();
    const { value } = await first.reading.next();
    first.kill();
    const second = await resume((value as SseEvent).id ?? "");
    await worker.claim();
    await worker.say(progress(1));
    await worker.finish();
    await heard.read(second.reading);
    expect(heard.words).toEqual([1, "crunched"]);
    await second.ended();
  });

  test("of a revision before 2025-11-25 goes on without events that have no data", async () => {
    const served = await start("2025-06-18");
    const { resume, worker } = served;
    const heard = await cutOff(served);
    const second = await resume(heard.last);
    await worker.say(progress(2));
    await worker.finish();
    await heard.read(second.reading);
    expect(heard.words).toEqual([1, 2, "crunched"]);
    expect(heard.ids).toHaveLength(3);
    await second.ended();
  });

  test("of the tool task that waits is told the rest, too", async () => {
    const { post, resume, worker, waitFor } = await start();
    const call = await post();
    await worker.claim();
    const heard = new Heard();
    const first = await waitFor((await worker.job()).id);
    await worker.say(progress(1));
    await heard.read(first.reading, 1);
    first.kill();
    call.kill();
    await worker.say(log("last words"), progress(2));
    await worker.finish();
    const second = await resume(heard.last);
    await heard.read(second.reading);
    expect(heard.words).toEqual([1, "last words", 2, "crunched"]);
    await second.ended();
  });

  test("is ended when the client's patience is over, counted from its first connection", async () => {
    const { post, resume, worker } = await start("2025-11-25", {});
    const first = await post();
    const { value } = await first.reading.next();
    first.kill();
    await worker.claim();
    await worker.say(log("so far"));
    const late = { now: () => Date.now() + 51 * SECOND, sleep: hastily };
    const second = await resume((value as SseEvent).id ?? "", { clock: late });
    const heard = new Heard();
    await heard.read(second.reading);
    expect(heard.words).toEqual(["so far", expect.stringContaining("is still running as task")]);
  });
});

/** A second passes in a tenth of one. */
function hastily(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, ms / 10);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

describe("a process whose stream was taken over", () => {
  test("stops following at its next word, quietly, and the job goes on", async () => {
    const { post, resume, worker, cloud, session } = await start();
    const cancels = vi.spyOn(cloud.calls, "cancel");
    const heard = new Heard();
    const first = await post();
    await worker.claim();
    await worker.say(progress(1));
    await heard.read(first.reading, 1);
    const second = await resume(heard.last);
    const { value: taken } = await second.reading.next();
    expect(taken).toMatchObject({ retry: "1000" });
    await vi.waitFor(async () => {
      const stored = await logged(cloud, session, heard.last);
      expect(stored.filter(({ kind }) => kind === "follows")).toHaveLength(2);
    });
    await worker.say(progress(2));
    // Its response and its work end, although the job has not.
    await new Heard().read(first.reading);
    await first.ended();
    expect((await worker.job()).state).toBe("running");
    await worker.finish();
    await heard.read(second.reading);
    expect(heard.words).toEqual([1, 2, "crunched"]);
    await second.ended();
    expect(cancels).not.toHaveBeenCalled();
    expect(cloud.reported).toEqual([]);
  });

  test("reads on for its own client when that came back twice at once: one writes, each has all [session-one-writer]", async () => {
    const { post, resume, worker, cloud, session } = await start();
    const before = new Heard();
    const first = await post();
    await worker.claim();
    await worker.say(progress(1), log("a"));
    await before.read(first.reading, 2);
    first.kill();
    const both = await Promise.all([resume(before.last), resume(before.last)]);
    const heard = both.map(() => new Heard());
    await worker.say(progress(2), log("b"));
    await Promise.all(heard.map((one, index) => one.read(reading(both[index]), 2)));
    const later = await resume(before.last);
    const third = new Heard();
    await third.read(later.reading, 2);
    await worker.say(progress(3));
    await worker.finish();
    await Promise.all([
      ...heard.map((one, index) => one.read(reading(both[index]))),
      third.read(later.reading),
    ]);
    for (const one of [...heard, third]) expect(one.words).toEqual([2, "b", 3, "crunched"]);
    for (const one of [...heard, third]) {
      expect(one.numbers).toEqual(upTo(one.numbers.length).map((n) => n + before.ids.length));
    }
    expect(answersIn(await logged(cloud, session, before.last))).toBe(1);
    await Promise.all([...both, later].map(({ ended }) => ended()));
    expect(cloud.reported).toEqual([]);
  });
});

function reading(one: { readonly reading: AsyncGenerator<SseEvent> } | undefined) {
  if (!one) throw new Error("There is no such connection.");
  return one.reading;
}

describe("what is not taken over", () => {
  test("a call whose token no longer allows it", async () => {
    const writes = TOOLS.map((one) =>
      one.name === "crunch" ? { ...one, scope: "write" as const } : one,
    );
    const registry = new ToolRegistry(writes);
    const { post, resume, cloud, session } = await start();
    const first = await post({ registry });
    const { value } = await first.reading.next();
    first.kill();
    const reader = principal("ada", ["read"]);
    const last = (value as SseEvent).id ?? "";
    const second = await resume(last, { registry, limits: { keepAliveMs: 20 } }, reader);
    expect(await nextOf(second.reading, "comment")).toBe("keepalive");
    const stored = await logged(cloud, session, last);
    expect(stored.filter(({ kind }) => kind === "follows")).toHaveLength(1);
    await second.reading.return(undefined);
  });

  test("a call that runs in its process", async () => {
    const { cloud, session, resume } = await start();
    const hang = rpc("tools/call", { name: "hang", arguments: {} }, 3);
    const process = cloud.endpoint({ limits: { keepAliveMs: 20 } });
    const first = events(await process.handle(legacyPost(hang, session), call()));
    const id = await nextOf(first, "id");
    const second = await resume(id, { limits: { keepAliveMs: 20 } });
    expect(await nextOf(second.reading, "comment")).toBe("keepalive");
    expect((await logged(cloud, session, id)).map(({ kind }) => kind)).toEqual(["opened"]);
    await Promise.all([first.return(undefined), second.reading.return(undefined)]);
  });
});

async function nextOf(reading: AsyncGenerator<SseEvent>, field: "id" | "comment"): Promise<string> {
  for (let next = await reading.next(); !next.done; next = await reading.next()) {
    const text = next.value[field];
    if (text !== undefined) return text;
  }
  throw new Error(`The stream ended without ${field}.`);
}

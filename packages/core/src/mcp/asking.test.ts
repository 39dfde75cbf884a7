import { describe, expect, test } from "vitest";
import { type Job, jobStream } from "../burst/job.ts";
import { MINUTE } from "../lib/duration.ts";
import type { Json } from "../lib/json.ts";
import { END } from "../log/event-log.ts";
import { findEnd } from "../log/find-end.ts";
import type { InputRequest } from "../tool/input-request.ts";
import { text } from "../tool/tool-result.ts";
import { Cloud, call, principal } from "./endpoint-harness.ts";
import {
  events,
  initialize,
  json,
  legacyPost,
  type Message,
  messages,
  messagesOf,
  modernRequest,
  rpc,
  TASKS,
  URL_OF_TESTS,
} from "./wire-harness.ts";

const FORM: InputRequest = {
  method: "elicitation/create",
  params: {
    message: "Go on?",
    requestedSchema: { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] },
  },
};
const YES = { action: "accept", content: { ok: true } };
const ELICITS = { elicitation: {} };
const CRUNCH = { name: "crunch", arguments: {} };

/** Does what a worker does around its tool. */
class Worker {
  readonly #cloud: Cloud;
  readonly job: Job;

  private constructor(cloud: Cloud, job: Job) {
    this.#cloud = cloud;
    this.job = job;
  }

  static async claim(cloud: Cloud): Promise<Worker> {
    const order = await until(() => cloud.launcher.launched.at(-1));
    const now = Date.now();
    const claim = { worker: "w", leaseUntil: now + MINUTE, now };
    const job = await cloud.jobs.claim(order.tenant, order.id, claim);
    if (!job) throw new Error("The job can't be claimed.");
    await cloud.jobs.start({ ...order, fence: job.fence }, now);
    return new Worker(cloud, job);
  }

  async ask(...keys: readonly string[]): Promise<void> {
    const add = keys.map((key) => ({ key, request: FORM }));
    await this.#cloud.jobs.ask(this.#lease, { add, drop: [] }, Date.now());
    await this.#say("input_required");
  }

  /** The answers by key once none is due. */
  answers(): Promise<Record<string, unknown>> {
    return until(async () => {
      const beat = await this.#cloud.jobs.heartbeat(this.#lease, Date.now() + MINUTE, Date.now());
      if (!beat || beat.inputs.some(({ answer }) => answer === undefined)) return undefined;
      return Object.fromEntries(beat.inputs.map(({ key, answer }) => [key, answer]));
    });
  }

  /** Tells how far it is. */
  progress(progress: number): Promise<void> {
    return this.#say("progress", { progress });
  }

  async finish(said: string): Promise<void> {
    const outcome = { kind: "result", result: text(said) } as const;
    await this.#cloud.jobs.finish(this.#lease, { state: "completed", outcome }, Date.now());
    await this.#say(END);
  }

  get #lease() {
    return { tenant: this.job.principal.tenant, id: this.job.id, fence: this.job.fence };
  }

  async #say(kind: string, data: Json = {}): Promise<void> {
    const stream = jobStream(this.job);
    const { next } = await findEnd(this.#cloud.log, stream);
    await this.#cloud.log.append(stream, next, "w", [{ kind, data }]);
  }
}

async function until<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise(setImmediate);
  }
}

const last = async (response: Response) => (await messages(response)).at(-1) as Message;

describe("a task asks", () => {
  async function asking(capabilities: object = ELICITS) {
    const cloud = new Cloud();
    const ask = async (method: string, params: Record<string, unknown>, who = principal()) =>
      json(
        await cloud
          .endpoint()
          .handle(
            modernRequest(method, params, { capabilities: { ...capabilities, ...TASKS } }),
            call(who),
          ),
      );
    const { result: handle } = await ask("tools/call", CRUNCH);
    const worker = await Worker.claim(cloud);
    const get = async () => (await ask("tasks/get", { taskId: handle.taskId })).result;
    const update = (inputResponses: unknown, who = principal()) =>
      ask("tasks/update", { taskId: handle.taskId, inputResponses }, who);
    return { cloud, worker, get, update };
  }

  test("tasks/get shows all that is due and only that; tasks/update answers it part by part [task-outstanding-inputs]", async () => {
    const { worker, get, update } = await asking();
    expect(worker.job.asks).toEqual(["form"]);
    await worker.ask("a", "b");
    expect(await get()).toMatchObject({
      status: "input_required",
      inputRequests: { a: FORM, b: FORM },
    });
    expect((await update({ a: YES, unknown: YES })).result).toEqual({
      resultType: "complete",
      _meta: expect.anything(),
    });
    expect(Object.keys((await get()).inputRequests)).toEqual(["b"]);
    await update({ a: { action: "decline" }, b: { action: "decline" } });
    const after = await get();
    expect(after.status).toBe("working");
    expect(after).not.toHaveProperty("inputRequests");
    expect(await worker.answers()).toEqual({ a: YES, b: { action: "decline" } });
  });

  test("an answer that does not fit is refused and changes nothing", async () => {
    const { worker, get, update } = await asking();
    await worker.ask("a");
    const { error } = await update({ a: { action: "accept", content: { ok: "yes" } } });
    expect(error).toEqual({ code: -32602, message: "a: content.ok: does not fit its schema" });
    expect((await get()).status).toBe("input_required");
  });

  test("somebody else's answer finds no task", async () => {
    const { worker, get, update } = await asking();
    await worker.ask("a");
    expect((await update({ a: YES }, principal("eve"))).error).toMatchObject({ code: -32602 });
    expect((await get()).status).toBe("input_required");
  });

  test("a client that declares nothing is recorded so", async () => {
    const { worker } = await asking({});
    expect(worker.job.asks).toEqual([]);
  });
});

describe("a job asks a client of 2026-07-28 without tasks", () => {
  const start = (cloud: Cloud, params: Record<string, unknown> = CRUNCH, who = principal()) =>
    cloud
      .endpoint()
      .handle(modernRequest("tools/call", params, { capabilities: ELICITS }), call(who));

  test("the call ends with the questions, the retry brings answers and goes on, at any process", async () => {
    const cloud = new Cloud();
    const first = start(cloud);
    const worker = await Worker.claim(cloud);
    await worker.ask("a", "b");
    const round = (await last(await first)).result;
    expect(round).toMatchObject({
      resultType: "input_required",
      inputRequests: { a: FORM, b: FORM },
      requestState: expect.any(String),
    });
    const retry = { ...CRUNCH, requestState: round.requestState, inputResponses: { a: YES } };
    const second = (await last(await start(cloud, retry))).result;
    expect(Object.keys(second.inputRequests)).toEqual(["b"]);
    const again = { ...CRUNCH, requestState: second.requestState, inputResponses: { b: YES } };
    const third = start(cloud, again);
    expect(await worker.answers()).toEqual({ a: YES, b: YES });
    await worker.finish("crunched");
    expect((await last(await third)).result).toMatchObject({ content: [{ text: "crunched" }] });
    expect(cloud.launcher.launched).toHaveLength(1);
  });

  test("a result that came meanwhile is the retry's answer; the call is not run again", async () => {
    const cloud = new Cloud();
    const first = start(cloud);
    const worker = await Worker.claim(cloud);
    await worker.ask("a");
    const { requestState } = (await last(await first)).result;
    await worker.finish("done without");
    const retry = { ...CRUNCH, requestState, inputResponses: { a: YES } };
    expect((await last(await start(cloud, retry))).result.content[0].text).toBe("done without");
    expect(cloud.launcher.launched).toHaveLength(1);
  });

  test("the state is its caller's, and can't be changed", async () => {
    const cloud = new Cloud();
    const first = start(cloud);
    await (await Worker.claim(cloud)).ask("a");
    const { requestState } = (await last(await first)).result;
    for (const [who, state] of [
      [principal("eve"), requestState],
      [principal(), `${requestState}x`],
    ]) {
      const retry = { ...CRUNCH, requestState: state, inputResponses: { a: YES } };
      const answer = await start(cloud, retry, who);
      expect((await json(answer)).error).toMatchObject({ code: -32602 });
    }
  });

  test("without a key nothing can be asked", async () => {
    const cloud = new Cloud();
    const request = modernRequest("tools/call", CRUNCH, { capabilities: ELICITS });
    const endpoint = cloud.endpoint({ requestStateKeys: undefined } as object);
    const answer = endpoint.handle(request, call());
    const worker = await Worker.claim(cloud);
    expect(worker.job.asks).toEqual([]);
    await worker.finish("silent");
    await last(await answer);
  });
});

test("a job asks a client of a session over the call's stream, and its answer may land anywhere", async () => {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  const stream = cloud.endpoint().handle(legacyPost(rpc("tools/call", CRUNCH), session), call());
  const worker = await Worker.claim(cloud);
  expect(worker.job.asks).toEqual(["form", "sampling"]);
  await worker.ask("a");
  let result: Message | undefined;
  for await (const { data } of events(await stream)) {
    const message = data ? (JSON.parse(data) as Message) : {};
    if (message.method === "elicitation/create") {
      expect(message.params.message).toBe("Go on?");
      const reply = { jsonrpc: "2.0", id: message.id, result: YES };
      expect((await cloud.endpoint().handle(legacyPost(reply, session), call())).status).toBe(202);
      expect(await worker.answers()).toEqual({ a: YES });
      await worker.finish("crunched");
    }
    if (message.result) result = message;
  }
  expect(result?.result.content[0].text).toBe("crunched");
});

describe("a job asks a client of a session that takes its time", () => {
  async function start(parkAfterMs = 10) {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const work: Promise<void>[] = [];
    const host = call(undefined, { waitUntil: (one) => work.push(one) });
    const send = (body: unknown) =>
      cloud.endpoint({ limits: { parkAfterMs } }).handle(legacyPost(body, session), host);
    const params = { ...CRUNCH, _meta: { progressToken: "p" } };
    const stream = send(rpc("tools/call", params, 7));
    return { cloud, session, work, host, send, stream, worker: await Worker.claim(cloud) };
  }

  test("the call is left, and goes on where the answer arrives; what was told is not told again", async () => {
    const { cloud, session, work, host, send, stream, worker } = await start();
    await worker.progress(1);
    await worker.ask("a");
    const seen: Message[] = [];
    let last = "";
    for await (const { id, data } of events(await stream)) {
      if (id) last = id;
      if (data) seen.push(JSON.parse(data) as Message);
    }
    expect(seen.map(({ method, params }) => [method, params.progress])).toEqual([
      ["notifications/progress", 1],
      ["elicitation/create", undefined],
    ]);
    await Promise.all(work);
    const answered = send({ jsonrpc: "2.0", id: seen[1]?.id, result: YES });
    expect((await answered).status).toBe(202);
    expect(await worker.answers()).toEqual({ a: YES });
    await worker.progress(2);
    await worker.finish("crunched");
    await Promise.all(work);
    const headers = {
      Accept: "text/event-stream",
      "Mcp-Session-Id": session,
      "Last-Event-ID": last,
    };
    const resumed = await cloud.endpoint().handle(new Request(URL_OF_TESTS, { headers }), host);
    const rest = await messages(resumed);
    expect(rest.map(({ params, result }) => params?.progress ?? result.content[0].text)).toEqual([
      2,
      "crunched",
    ]);
  });

  test.each([
    ["while its process waits", MINUTE],
    ["when its process has left", 10],
  ])("a call taken back %s cancels its job", async (_, parkAfterMs) => {
    const { cloud, send, worker, stream, work } = await start(parkAfterMs);
    await worker.ask("a");
    const reading = messagesOf(await stream);
    expect((await reading.next()).value.method).toBe("elicitation/create");
    if (parkAfterMs < MINUTE) expect((await reading.next()).done).toBe(true);
    await send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
    await until(async () => {
      const { tenant } = worker.job.principal;
      return (await cloud.jobs.get(tenant, worker.job.id))?.cancelRequested || undefined;
    });
    expect((await reading.next()).done).toBe(true);
    await Promise.all(work);
  });
});

describe("a tool that runs here asks", () => {
  const CONFIRM = { name: "confirm_twice", arguments: {} };
  const start = async (cloud: Cloud, params: Record<string, unknown>, capabilities: object) =>
    json(
      await cloud.endpoint().handle(modernRequest("tools/call", params, { capabilities }), call()),
    );

  test("in rounds: it is run again with the answers it has had", async () => {
    const cloud = new Cloud();
    const first = (await start(cloud, CONFIRM, ELICITS)).result;
    expect(first.inputRequests).toMatchObject({ "ask-1": { params: { message: "First?" } } });
    const retry = {
      ...CONFIRM,
      requestState: first.requestState,
      inputResponses: { "ask-1": YES },
    };
    const second = (await start(cloud, retry, ELICITS)).result;
    expect(Object.keys(second.inputRequests)).toEqual(["ask-2"]);
    const again = {
      ...CONFIRM,
      requestState: second.requestState,
      inputResponses: { "ask-2": { action: "accept", content: { ok: false } } },
    };
    expect((await start(cloud, again, ELICITS)).result.content[0].text).toBe("true false");
  });

  test("answers without the state of their call count for nothing", async () => {
    const { result } = await start(
      new Cloud(),
      { ...CONFIRM, inputResponses: { "ask-1": YES } },
      ELICITS,
    );
    expect(Object.keys(result.inputRequests)).toEqual(["ask-1"]);
  });

  test("a refusal and a client that can't be asked end it with a text for the model", async () => {
    const cloud = new Cloud();
    const { result } = await start(cloud, CONFIRM, ELICITS);
    const refused = await start(
      cloud,
      {
        ...CONFIRM,
        requestState: result.requestState,
        inputResponses: { "ask-1": { action: "decline" } },
      },
      ELICITS,
    );
    expect(refused.result).toMatchObject({ isError: true });
    expect(refused.result.content[0].text).toContain("said no (decline)");
    const unable = await start(cloud, CONFIRM, {});
    expect(unable.result).toMatchObject({ isError: true });
    expect(unable.result.content[0].text).toContain("does not offer");
  });

  test("over the stream of a session", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const response = await cloud
      .endpoint()
      .handle(legacyPost(rpc("tools/call", CONFIRM), session), call());
    const asked: string[] = [];
    let said: string | undefined;
    for await (const { data } of events(response)) {
      const message = data ? (JSON.parse(data) as Message) : {};
      if (message.method === "elicitation/create") {
        asked.push(message.params.message);
        const reply = { jsonrpc: "2.0", id: message.id, result: YES };
        await cloud.endpoint().handle(legacyPost(reply, session), call());
      }
      said = message.result?.content[0].text ?? said;
    }
    expect(asked).toEqual(["First?", "Second?"]);
    expect(said).toBe("true true");
  });
});

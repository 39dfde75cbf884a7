import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectLegacy } from "../harness/clients.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath } from "../harness/local-path.ts";
import {
  eventsOf,
  type Message,
  postLegacy,
  startSession,
  textOf,
  type WireEvent,
} from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";

let local: LocalPath;
let token: string;
let gate: Gate;

beforeAll(async () => {
  local = await startGatedPath({ template: { lingerMs: 0 } });
  token = await local.token();
});
afterAll(() => local.close());
beforeEach(async () => {
  gate = await newGate("stairs");
});
afterEach(async () => {
  await gate.open();
  await eventually("the workers to stop", () =>
    local.cloud.ecs.tasks().every(({ lastStatus }) => lastStatus === "STOPPED"),
  );
  await eventually("the functions to end", () => busy().length === 0);
  await gate.remove();
});

const busy = () =>
  local.cloud.lambda.processes().filter((one) => one.function === "mcp" && one.state === "busy");

/** SIGKILL for whoever serves a request now. */
function killBusy(): number {
  const doomed = busy();
  for (const { pid } of doomed) local.cloud.lambda.kill(pid);
  return doomed.length;
}

/** One call of a session whose client takes its stream up wherever it broke. */
class Client {
  readonly events: WireEvent[] = [];
  readonly #headers: Record<string, string>;

  constructor(headers: Record<string, string>) {
    this.#headers = headers;
  }

  call(signal?: AbortSignal): Promise<Response> {
    const params = { name: "stairs", arguments: gate.args, _meta: { progressToken: "p" } };
    const options = { token, headers: this.#headers, params, ...(signal && { signal }) };
    return postLegacy(local.mcpUrl, "tools/call", options);
  }

  resume(): Promise<Response> {
    const last = this.events.findLast(({ id }) => id !== undefined)?.id ?? "";
    const authorization = `Bearer ${token}`;
    return fetch(local.mcpUrl, {
      headers: {
        ...this.#headers,
        accept: "text/event-stream",
        authorization,
        "last-event-id": last,
      },
    });
  }

  /** Reads on; true at the end, false where the connection broke. */
  async read(response: Response): Promise<boolean> {
    try {
      for await (const event of eventsOf(response)) this.events.push(event);
      return true;
    } catch (cause) {
      if (cause instanceof TypeError || (cause as Error).name === "AbortError") return false;
      throw cause;
    }
  }

  get messages(): Message[] {
    return this.events.flatMap(({ data }) => (data === "" ? [] : [JSON.parse(data) as Message]));
  }

  get steps(): unknown[] {
    return this.messages.flatMap(({ params }) => params?.progress ?? params?.data ?? []);
  }

  get numbers(): number[] {
    return this.events.flatMap(({ id }) => (id === undefined ? [] : [Number(id.split(".")[1])]));
  }

  async climbed(step: number): Promise<void> {
    await gate.raise(step);
    await eventually(`step ${step}`, () => this.steps.includes(`step ${step}`));
  }
}

const stepsTo = (height: number) =>
  Array.from({ length: height }, (_, index) => [index + 1, `step ${index + 1}`]).flat();

test("kill -9 of every Lambda that follows a job costs its client neither time nor a word [session-taken-over]", async () => {
  const client = new Client(await startSession(local.mcpUrl, token));
  let reading = client.read(await client.call());
  await client.climbed(2);
  for (const height of [4, 5]) {
    expect(killBusy()).toBe(1);
    expect(await reading).toBe(false);
    // What is said while nobody listens is not lost either.
    await gate.raise(height - 1);
    reading = client.read(await client.resume());
    await client.climbed(height);
  }
  await gate.open();
  expect(await reading).toBe(true);
  expect(client.steps).toEqual(stepsTo(5));
  expect(client.numbers).toEqual(client.numbers.map((_, index) => index + 1));
  expect(client.messages.map(textOf).filter((text) => text !== "")).toEqual(["stairs at 5"]);
  expect(errorLines(local)).toEqual([]);
});

test("a Lambda whose client came back elsewhere is let go at the job's next word", async () => {
  const client = new Client(await startSession(local.mcpUrl, token));
  const left = new AbortController();
  const first = client.read(await client.call(left.signal));
  await client.climbed(1);
  const [old] = busy();
  left.abort();
  expect(await first).toBe(false);
  const second = client.read(await client.resume());
  await client.climbed(2);
  const now = await eventually("the first to be let go", () => busy().length === 1 && busy());
  expect(now.map(({ pid }) => pid)).not.toContain(old?.pid);
  await gate.open();
  expect(await second).toBe(true);
  expect(client.steps).toEqual(stepsTo(2));
  expect(errorLines(local)).toEqual([]);
});

test("the SDK's client of 2025-11-25 does not notice", async () => {
  const client = await connectLegacy(local.mcpUrl, token);
  let heard = 0;
  const call = client.call("stairs", gate.args, () => {
    heard += 1;
  });
  await gate.raise(2);
  await eventually("two steps", () => heard === 2);
  expect(killBusy()).toBe(1);
  await gate.raise(4);
  await eventually("four steps", () => heard === 4);
  await gate.open();
  const { text, progress } = await call;
  expect(text).toBe("stairs at 4");
  expect(progress.map((one) => one.progress)).toEqual([1, 2, 3, 4]);
  await client.close();
});

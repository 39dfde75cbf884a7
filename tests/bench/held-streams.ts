import { setTimeout as delay } from "node:timers/promises";
import { functions } from "../../stacks/shape.ts";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { answerOf, messagesOf, postLegacy, postModern, startSession } from "../harness/wire.ts";
import { newGate } from "../path/gate/gate.ts";
import { startGatedPath } from "../path/gate/gated-path.ts";
import { ConsumptionCounter, scaled } from "./consumption.ts";
import { dollarsPerGbSecond, dollarsPerMillion } from "./price.ts";
import { pushSample } from "./pushed-project.ts";
import type { Row, Section } from "./report.ts";
import type { HeldName } from "./row-names.ts";

const HELD_MS = 15_000;
const MINUTE_MS = 60_000;
const MINUTES_A_MONTH = 30 * 24 * 60;
const MEMORY_GB = functions.mcp.memoryMb / 1024;

/** What a stream costs while it is held and nothing happens: its Lambda runs, and looks for news. */
export async function measureHeldStreams(): Promise<Section> {
  const counter = new ConsumptionCounter();
  const { onDynamoDb, onS3 } = counter;
  const local = await startGatedPath({ emulator: { onDynamoDb, onS3 } });
  const gate = await newGate();
  const leaving = new AbortController();
  try {
    const token = await local.token();
    const stream = new Streams(local, token, leaving.signal);
    const { project, file } = await pushSample(local);
    const uri = `zenode://${project}/${file}`;
    const rows: Row[] = [];
    const measure = async (name: HeldName, hold: () => Promise<void>, streams = 1) => {
      await hold();
      counter.take();
      const from = performance.now();
      await delay(HELD_MS);
      const factor = MINUTE_MS / (performance.now() - from);
      rows.push(toRow(name, scaled(counter.take(), factor), streams));
    };
    await measure("nothing", async () => undefined, 0);
    const lists = { toolsListChanged: true, resourcesListChanged: true };
    await measure("listen on lists and a file", () =>
      stream.listen({ ...lists, resourceSubscriptions: [uri] }),
    );
    const call = { name: "gate", arguments: gate.args };
    const { result } = await answerOf(
      await postModern(local.mcpUrl, "tools/call", call, { token, tasks: true }),
    );
    await eventually("the worker", () => gate.runs().length === 1);
    await measure("and a worker at work, its task unheard of", async () => undefined);
    const task = { taskIds: [result?.taskId] };
    await measure("and a listen on that task", () => stream.listen(task), 2);
    await measure("and a call that follows it", () => stream.follow(result?.taskId), 3);
    await measure("and a session's own stream with a file", () => stream.own(uri), 4);
    return {
      title: "A minute of streams that are held; each row adds to the one above",
      rows,
      verdicts: [],
    };
  } finally {
    leaving.abort();
    await gate.open();
    await local.close();
    await gate.remove();
  }
}

/** Opens streams, and reads on until they are left. */
class Streams {
  readonly #local: LocalPath;
  readonly #token: string;
  readonly #left: AbortSignal;

  constructor(local: LocalPath, token: string, left: AbortSignal) {
    this.#local = local;
    this.#token = token;
    this.#left = left;
  }

  async listen(notifications: object): Promise<void> {
    const options = { token: this.#token, tasks: true, signal: this.#left };
    const { mcpUrl } = this.#local;
    const messages = messagesOf(
      await postModern(mcpUrl, "subscriptions/listen", { notifications }, options),
    );
    const { value: first } = await messages.next();
    const agreed = first?.params?.notifications;
    if (JSON.stringify(agreed) !== JSON.stringify(notifications)) {
      throw new Error(`Agreed was ${JSON.stringify(agreed)}.`);
    }
  }

  /** What a client without the tasks extension does. */
  async follow(taskId: unknown): Promise<void> {
    const params = { name: "task", arguments: { action: "wait", task_id: taskId } };
    const options = { token: this.#token, progressToken: "p", signal: this.#left };
    const response = await postModern(this.#local.mcpUrl, "tools/call", params, options);
    const { value: first } = await messagesOf(response).next();
    if (first?.method !== "notifications/progress") throw new Error("Nothing is followed.");
  }

  async own(uri: string): Promise<void> {
    const { mcpUrl } = this.#local;
    const headers = await startSession(mcpUrl, this.#token);
    await answerOf(
      await postLegacy(mcpUrl, "resources/subscribe", {
        token: this.#token,
        headers,
        params: { uri },
      }),
    );
    const authorization = `Bearer ${this.#token}`;
    const accept = "text/event-stream";
    const response = await fetch(mcpUrl, {
      headers: { ...headers, authorization, accept },
      signal: this.#left,
    });
    if (response.status !== 200) throw new Error(`The own stream answered ${response.status}.`);
  }
}

function toRow(name: string, minute: ReturnType<typeof scaled>, streams: number): Row {
  const gbSeconds = streams * MEMORY_GB * (MINUTE_MS / 1000);
  const dollars = dollarsPerMillion(minute) / 1e6 + gbSeconds * dollarsPerGbSecond;
  return {
    name,
    RRU: minute.rru,
    WRU: minute.wru,
    "DynamoDB requests": minute.dynamoRequests,
    "S3 requests": minute.s3Reads + minute.s3Writes,
    "Lambda GB-s": gbSeconds,
    "$ a minute": dollars.toFixed(5),
    "$ a month, held all day": dollars * MINUTES_A_MONTH,
  };
}

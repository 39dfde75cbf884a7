import { setTimeout as delay } from "node:timers/promises";
import { answerOf, type Message, messagesOf, postModern } from "../../harness/wire.ts";
import type { SeenAnswer } from "../model/history.ts";
import {
  type CallOrder,
  type Driver,
  newExchange,
  noteProgress,
  type OpenExchange,
  toAnswer,
  unlessLost,
} from "./driver.ts";

const POLL_MS = 300;

type Ask = (
  method: string,
  params: Record<string, unknown>,
  left: AbortSignal,
) => Promise<Message | undefined>;

/** Asks again for the same call whenever its stream breaks: revision 2026-07-28 without tasks. */
export function askingAgain(order: CallOrder): Driver {
  const exchanges: OpenExchange[] = [];
  return {
    exchanges,
    connect(left) {
      const params = { name: "steps", arguments: order.args };
      return streamed(order, params, { exchanges, client: "modern", left });
    },
    close: async () => undefined,
  };
}

/** Gets a task's handle and asks for the task now and then. */
export function polling(order: CallOrder): Driver {
  const exchanges: OpenExchange[] = [];
  const ask = asking(order);
  let taskId: unknown;
  return {
    exchanges,
    async connect(left) {
      taskId ??= await handle(order, ask, left);
      while (taskId !== undefined && !left.aborted) {
        const got = await ask("tasks/get", { taskId }, left);
        const answer = got && toTaskAnswer(got);
        if (answer) {
          exchanges.push({ ...newExchange("tasks/get"), answers: [answer] });
          return answer;
        }
        await unlessLost(() => delay(POLL_MS, undefined, { signal: left }));
      }
      return undefined;
    },
    close: async () => undefined,
  };
}

/** Gets a task's handle and waits for it with the tool `task`, as a model does whose stream broke. */
export function waitingByTool(order: CallOrder): Driver {
  const exchanges: OpenExchange[] = [];
  let taskId: unknown;
  const act = (action: string, left: AbortSignal) => {
    const params = { name: "task", arguments: { action, task_id: taskId } };
    return streamed(order, params, { exchanges, client: `task ${action}`, left });
  };
  return {
    exchanges,
    async connect(left) {
      taskId ??= await handle(order, asking(order), left);
      if (taskId === undefined) return undefined;
      const waited = await act("wait", left);
      // What is asked for again once it has ended is the same.
      return waited && ((await act("result", left)) ?? waited);
    },
    close: async () => undefined,
  };
}

function asking({ mcpUrl, token }: CallOrder): Ask {
  return (method, params, signal) =>
    unlessLost(async () =>
      answerOf(await postModern(mcpUrl, method, params, { token, tasks: true, signal })),
    );
}

async function handle({ args }: CallOrder, ask: Ask, left: AbortSignal): Promise<unknown> {
  const message = await ask("tools/call", { name: "steps", arguments: args }, left);
  return message?.result?.taskId;
}

function toTaskAnswer(message: Message): SeenAnswer | undefined {
  const { result } = message;
  switch (result?.status) {
    case "completed":
      return toAnswer({ result: result.result as NonNullable<Message["result"]> });
    case "failed":
      return toEnd(result.error as NonNullable<Message["error"]>);
    case "cancelled":
      return { kind: "cancelled" };
    case undefined:
      return toAnswer(message);
    default:
      return undefined;
  }
}

/** That of a task is its end, whatever it says. */
const toEnd = ({ code, message }: NonNullable<Message["error"]>): SeenAnswer => ({
  kind: "failed",
  text: `${code} ${message}`,
});

interface Streaming {
  readonly exchanges: OpenExchange[];
  readonly client: string;
  readonly left: AbortSignal;
}

/** Reads a stream to its very end, so that a second answer would be seen. */
async function streamed(
  { mcpUrl, token }: CallOrder,
  params: Record<string, unknown>,
  { exchanges, client, left }: Streaming,
): Promise<SeenAnswer | undefined> {
  const exchange = newExchange(client);
  exchanges.push(exchange);
  await unlessLost(async () => {
    const options = { token, progressToken: "p", signal: left };
    const response = await postModern(mcpUrl, "tools/call", params, options);
    for await (const message of messagesOf(response)) {
      noteProgress(exchange, message);
      const answer = toAnswer(message);
      if (answer) exchange.answers.push(answer);
    }
  });
  return exchange.answers[0];
}

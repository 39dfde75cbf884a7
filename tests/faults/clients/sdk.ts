import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Message } from "../../harness/wire.ts";
import { type CallOrder, type Driver, newExchange, type OpenExchange, toAnswer } from "./driver.ts";

const INFO = { name: "zenode-faults", version: "1.0.0" };
/** What an SDK's client waits without a word; hosts that know of progress start it again with each. */
const OPTIONS = { timeout: 25_000, resetTimeoutOnProgress: true };

/** A client of an SDK, as far as it is used here. */
interface SdkClient {
  call(
    args: Readonly<Record<string, unknown>>,
    heard: (progress: number) => void,
  ): Promise<unknown>;
  close(): Promise<void>;
}

/** SDK v2, revision 2026-07-28; calls again when its stream breaks. */
export function sdkModern(order: CallOrder): Driver {
  return callingAgain("SDK v2", order, connectModern);
}

/** SDK v1, revision 2025-11-25: takes a broken stream up by itself, and calls again when it has given up. */
export function sdkLegacy(order: CallOrder): Driver {
  return callingAgain("SDK v1", order, connectLegacy);
}

function callingAgain(
  name: string,
  order: CallOrder,
  connect: (order: CallOrder) => Promise<SdkClient>,
): Driver {
  const exchanges: OpenExchange[] = [];
  return {
    exchanges,
    async connect(left) {
      const exchange = newExchange(name);
      exchanges.push(exchange);
      const client = await orGone(connect(order), left);
      if (!client) return undefined;
      const call = client.call(order.args, (step) => exchange.progress.push(step));
      const settled = call.then(
        (result) => toAnswer({ result: result as NonNullable<Message["result"]> }),
        (cause: unknown) => toAnswer({ error: toError(cause) }),
      );
      const answer = await orGone(settled, left);
      if (answer) exchange.answers.push(answer);
      await client.close();
      return answer;
    },
    close: async () => undefined,
  };
}

/** Undefined when it failed, or the client left before. */
async function orGone<T>(work: Promise<T>, left: AbortSignal): Promise<T | undefined> {
  const gone = new Promise<undefined>((resolve) => {
    if (left.aborted) resolve(undefined);
    left.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return Promise.race([work.catch(() => undefined), gone]);
}

/** What the SDK makes up itself (a stream lost, a timeout) is no answer of the server's. */
function toError(cause: unknown): NonNullable<Message["error"]> {
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: -32603, message };
}

async function connectModern({ mcpUrl, token }: CallOrder): Promise<SdkClient> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(
    new TellingTransport(new URL(mcpUrl), { authProvider: { token: async () => token } }),
  );
  return {
    call: (args, heard) =>
      client.callTool(
        { name: "steps", arguments: { ...args } },
        { ...OPTIONS, onprogress: ({ progress }) => heard(progress) },
      ),
    close: () => client.close(),
  };
}

type SendOptions = NonNullable<Parameters<ModernTransport["send"]>[1]>;

/** Fails a request when its stream has ended; the SDK's own transport lets it wait for its timeout. */
class TellingTransport extends ModernTransport {
  override send(message: JSONRPCMessage | JSONRPCMessage[], options: SendOptions = {}) {
    if (Array.isArray(message) || !isJSONRPCRequest(message)) return super.send(message, options);
    const error = { code: -32_050, message: "The answer's stream ended before the answer." };
    const onRequestStreamEnd = () => this.onmessage?.({ jsonrpc: "2.0", id: message.id, error });
    return super.send(message, { ...options, onRequestStreamEnd });
  }
}

async function connectLegacy({ mcpUrl, token }: CallOrder): Promise<SdkClient> {
  const client = new LegacyClient(INFO);
  const transport = new LegacyTransport(new URL(mcpUrl), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as Parameters<LegacyClient["connect"]>[0]);
  return {
    call: (args, heard) =>
      client.callTool({ name: "steps", arguments: { ...args } }, undefined, {
        ...OPTIONS,
        onprogress: ({ progress }) => heard(progress),
      }),
    close: () => client.close(),
  };
}

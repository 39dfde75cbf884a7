import type {
  JSONRPCMessage,
  JSONRPCRequest,
  MessageExtraInfo,
  Transport,
} from "@modelcontextprotocol/server";

type Answer = Extract<
  JSONRPCMessage,
  { id?: unknown } & ({ result: unknown } | { error: unknown })
>;

/**
 * Connects a server to one HTTP exchange. What the server says goes to the exchange; answers to
 * questions the exchange asks for itself (to bring the server into its session's state) do not.
 */
export class ExchangeTransport implements Transport {
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly sessionId: string;
  readonly #say: (message: JSONRPCMessage) => Promise<void>;
  readonly #asked = new Map<unknown, (answer: Answer) => void>();
  readonly #extra: MessageExtraInfo;

  constructor(
    sessionId: string,
    extra: MessageExtraInfo,
    say: (message: JSONRPCMessage) => Promise<void>,
  ) {
    this.sessionId = sessionId;
    this.#extra = extra;
    this.#say = say;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const asked = isAnswer(message) ? this.#asked.get(message.id) : undefined;
    if (!asked || !isAnswer(message)) return this.#say(message);
    this.#asked.delete(message.id);
    asked(message);
  }

  /** Hands the server a message as if it had come from the client. */
  deliver(message: JSONRPCMessage): void {
    this.onmessage?.(message, this.#extra);
  }

  /** Asks the server and keeps the answer from the client. */
  ask(request: JSONRPCRequest): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    this.#asked.set(request.id, answer.resolve);
    this.deliver(request);
    return answer.promise;
  }

  close(): Promise<void> {
    this.onclose?.();
    return Promise.resolve();
  }
}

export function isAnswer(message: JSONRPCMessage): message is Answer {
  return "result" in message || "error" in message;
}

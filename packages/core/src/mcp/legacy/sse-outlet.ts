import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { Json } from "../../lib/json.ts";
import { appendAtEnd } from "../../log/append-at-end.ts";
import type { EventLog, StreamKey } from "../../log/event-log.ts";
import { MESSAGE } from "./logged-stream.ts";
import type { Outlet } from "./outlet.ts";
import { newStreamId } from "./stream-names.ts";

/** Appends to the log that the session's stream tails, one message after the other. */
export class SseOutlet implements Outlet {
  readonly id = newStreamId();
  readonly #log: EventLog;
  readonly #stream: StreamKey;
  #last: Promise<number> = Promise.resolve(1);

  constructor(log: EventLog, stream: StreamKey) {
    this.#log = log;
    this.#stream = stream;
  }

  async say(message: JSONRPCMessage): Promise<void> {
    const said = this.#last.then((from) =>
      appendAtEnd(this.#log, this.#stream, {
        writer: this.id,
        events: [{ kind: MESSAGE, data: message as unknown as Json }],
        from,
      }),
    );
    // What could not be appended does not keep back what comes after it.
    this.#last = said.catch(() => 1);
    await said;
  }

  openStream(): void {}

  /** The stream stays open: it is the session's. */
  async park(): Promise<void> {
    await this.#last;
  }

  async end(): Promise<void> {
    await this.#last;
  }
}

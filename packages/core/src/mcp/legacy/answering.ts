import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { LoggedStream } from "./logged-stream.ts";
import type { FollowedCall, Outlet } from "./outlet.ts";
import { SessionRun, type SessionRunOptions } from "./session-run.ts";
import { newStreamId } from "./stream-names.ts";
import { isAnswer } from "./transport.ts";

export interface AnsweringOptions extends Omit<SessionRunOptions, "streamId" | "outlet"> {
  readonly isBatch: boolean;
  /** The client would rather have a stream, which it can take up again when it breaks. */
  readonly prefersStream: boolean;
}

/**
 * Answers the requests of one POST on its own response. What ends without a word in between is
 * answered as JSON; anything that speaks first, or takes long, gets a stream that can be taken up again.
 */
export class Answering implements Outlet {
  readonly #options: AnsweringOptions;
  readonly #streamId = newStreamId();
  readonly #answers: JSONRPCMessage[] = [];
  readonly #first = Promise.withResolvers<Response>();
  readonly closeStream?: () => void;
  readonly park?: () => Promise<void>;
  readonly #replaced = new AbortController();
  #stream: LoggedStream | undefined;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    // Only a host that keeps the process running may end the response before the work.
    if (!options.call.waitUntil) return;
    this.closeStream = () => this.#detach();
    // Clients of older revisions are not known to come back for an answer.
    if (options.streams.primes) this.park = () => this.#openStream().park();
  }

  /** The HTTP answer; what goes on after it is handed to the call's `waitUntil`. */
  async respond(): Promise<Response> {
    const { served, call, prefersStream } = this.#options;
    if (prefersStream) this.#openStream();
    const run = new SessionRun({
      ...this.#options,
      streamId: this.#streamId,
      answerStream: this.#streamId,
      outlet: this,
    });
    const { ended } = await run.start();
    const work = Promise.all([ended, this.#keepAlive(run.over)])
      .then(() => undefined)
      .catch(served.report);
    call.waitUntil?.(work);
    return this.#first.promise;
  }

  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  readonly follows = (call: FollowedCall): Promise<void> => this.#openStream().follows(call);

  say(message: JSONRPCMessage, event?: number): Promise<void> {
    if (!isAnswer(message)) return this.#openStream().say(message, event);
    this.#answers.push(message);
    return this.#stream?.say(message) ?? Promise.resolve();
  }

  openStream(): void {
    this.#openStream().flush().catch(this.#options.served.report);
  }

  async end(): Promise<void> {
    if (this.#stream || this.#answers.length === 0) return this.#openStream().end();
    const [only] = this.#answers;
    this.#first.resolve(Response.json(this.#options.isBatch ? this.#answers : only));
  }

  async #keepAlive(over: AbortSignal): Promise<void> {
    const { ports, limits } = this.#options.served;
    await ports.clock.sleep(limits.keepAliveMs, over);
    while (!over.aborted) {
      this.#openStream().keepAlive();
      await this.#stream?.flush();
      await ports.clock.sleep(limits.keepAliveMs, over);
    }
  }

  /** The stream; opening it says what a batch has answered so far. */
  #openStream(): LoggedStream {
    if (this.#stream) return this.#stream;
    const { served, streams } = this.#options;
    const stream = new LoggedStream({
      log: served.ports.log,
      id: this.#streamId,
      key: streams.answer(this.#streamId),
      primes: streams.primes,
      onReplaced: () => this.#replaced.abort(),
      report: served.report,
    });
    this.#stream = stream;
    for (const answer of this.#answers) stream.say(answer).catch(served.report);
    // Some clients come back only when they have had an event's id: no stream before there is one.
    this.#first.resolve(stream.flush().then(() => stream.response));
    return stream;
  }

  #detach(): void {
    this.#openStream().detach().catch(this.#options.served.report);
  }
}

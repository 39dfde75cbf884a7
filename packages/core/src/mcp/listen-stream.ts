import { SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import type { Principal } from "../access/principal.ts";
import type { Job } from "../burst/job.ts";
import type { ChangeTopic } from "../changes/change-bus.ts";
import type { Served } from "./exchange.ts";
import { type ListenFilter, toNotifications } from "./listen-filter.ts";
import { frame, KEEP_ALIVE, SSE_HEADERS, toEvent } from "./sse.ts";
import { watchTask } from "./watch-task.ts";

export interface ListenStreamOptions {
  readonly served: Served;
  readonly principal: Principal;
  /** The request's id, and so the subscription's. */
  readonly id: string | number;
  /** What is delivered, as it is acknowledged. */
  readonly filter: ListenFilter;
  readonly jobs: readonly Job[];
  /** Milliseconds since the epoch at which the stream ends, if it has not before. */
  readonly until: number;
}

/**
 * A stream of notifications: the acknowledgement first, then what the filter names, and at the end the
 * request's result, which tells the client that it was no accident and that it may listen again.
 */
export class ListenStream {
  readonly #options: ListenStreamOptions;
  readonly #over = new AbortController();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(options: ListenStreamOptions) {
    this.#options = options;
  }

  /** Resolves when no change can be missed any more. */
  async open(): Promise<Response> {
    const { served, principal, filter } = this.#options;
    const feed = await served.changes.listen(principal.tenant, topicsOf(filter));
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        this.#controller = controller;
        const changes = async () => {
          for await (const change of feed.changes(this.#over.signal)) {
            for (const { method, params } of toNotifications(change, filter)) {
              this.#notify(method, params);
            }
          }
        };
        await this.#run(topicsOf(filter).length > 0 ? changes : undefined);
      },
      cancel: () => {
        this.#controller = undefined;
        this.#over.abort();
      },
    });
    return new Response(body, { headers: SSE_HEADERS });
  }

  async #run(changes: (() => Promise<void>) | undefined): Promise<void> {
    const { served, jobs, filter } = this.#options;
    this.#notify("notifications/subscriptions/acknowledged", { notifications: filter });
    const { signal } = this.#over;
    const tell = (task: object) => this.#notify("notifications/tasks", task);
    const sources = jobs.map((job) => watchTask(served, job, { signal, tell }));
    if (changes) sources.push(changes());
    const beating = this.#beat();
    try {
      await Promise.all(sources);
    } catch (error) {
      // What it waits for can't be read: the client may listen again, elsewhere or later.
      served.report(error);
    } finally {
      this.#over.abort();
      await beating;
    }
    this.#end();
  }

  /** Comments against silence, until the time is over. */
  async #beat(): Promise<void> {
    const { served, until } = this.#options;
    const { clock } = served.ports;
    const { signal } = this.#over;
    while (!signal.aborted) {
      const left = until - clock.now();
      if (left <= 0) return this.#over.abort();
      await clock.sleep(Math.min(left, served.limits.keepAliveMs), signal);
      if (!signal.aborted) this.#controller?.enqueue(frame(KEEP_ALIVE));
    }
  }

  #notify(method: string, params: object): void {
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: this.#options.id };
    this.#write({ jsonrpc: "2.0", method, params: { ...params, _meta } });
  }

  #end(): void {
    const { served, id } = this.#options;
    const _meta = {
      [SUBSCRIPTION_ID_META_KEY]: id,
      [SERVER_INFO_META_KEY]: served.ports.serverInfo,
    };
    this.#write({ jsonrpc: "2.0", id, result: { resultType: "complete", _meta } });
    this.#controller?.close();
    this.#controller = undefined;
  }

  #write(message: object): void {
    this.#controller?.enqueue(frame(toEvent(message)));
  }
}

function topicsOf(filter: ListenFilter): readonly ChangeTopic[] {
  const lists = filter.toolsListChanged || filter.promptsListChanged || filter.resourcesListChanged;
  return [
    ...(lists ? (["lists"] as const) : []),
    ...(filter.resourceSubscriptions ? (["resources"] as const) : []),
  ];
}

import { SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import type { Principal } from "../access/principal.ts";
import type { Job } from "../burst/job.ts";
import type { Change, ChangeFeed, ChangeTopic } from "../changes/change-bus.ts";
import type { Served } from "./exchange.ts";
import { changedList, type ListenFilter, touchedBy } from "./listen-filter.ts";
import { frame, KEEP_ALIVE, SSE_HEADERS, toEvent } from "./sse.ts";
import { SubscribedResources, type Versions } from "./subscribed-resources.ts";
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
  readonly #resources: SubscribedResources;
  #seen: Versions = {};
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(options: ListenStreamOptions) {
    this.#options = options;
    this.#resources = new SubscribedResources(options.served, options.principal);
  }

  /** Resolves when no change can be missed any more. */
  async open(): Promise<Response> {
    const { served, principal, filter } = this.#options;
    const topics = topicsOf(filter);
    const feed = await served.changes.listen(principal.tenant, topics);
    this.#seen = await this.#resources.complete(filter.resourceSubscriptions ?? [], {});
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        this.#controller = controller;
        await this.#run(topics.length > 0 ? feed : undefined);
      },
      cancel: () => {
        this.#controller = undefined;
        this.#over.abort();
      },
    });
    return new Response(body, { headers: SSE_HEADERS });
  }

  async #run(feed: ChangeFeed | undefined): Promise<void> {
    const { served, jobs, filter } = this.#options;
    this.#notify("notifications/subscriptions/acknowledged", { notifications: filter });
    const { signal } = this.#over;
    const tell = (task: object) => this.#notify("notifications/tasks", task);
    const sources = jobs.map((job) => watchTask(served, job, { signal, tell }));
    if (feed) sources.push(this.#tellChanges(feed));
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

  async #tellChanges(feed: ChangeFeed): Promise<void> {
    for await (const change of feed.changes(this.#over.signal)) {
      const list = changedList(change, this.#options.filter);
      if (list !== undefined) this.#notify(list, {});
      for (const uri of await this.#updatedBy(change)) {
        this.#notify("notifications/resources/updated", { uri });
      }
    }
  }

  /** A new snapshot leaves most files as they were; those are no news. */
  async #updatedBy(change: Change): Promise<readonly string[]> {
    const uris = touchedBy(change, this.#options.filter);
    if (change.kind !== "project" || uris.length === 0) return uris;
    const news = await this.#resources.look(uris, this.#seen);
    if (!news) return [];
    this.#seen = { ...this.#seen, ...news.seen };
    return news.changed;
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

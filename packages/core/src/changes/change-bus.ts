import type { Clock } from "../lib/clock.ts";
import { MINUTE, SECOND } from "../lib/duration.ts";
import type { Json } from "../lib/json.ts";
import type { EventLog, StreamKey } from "../log/event-log.ts";
import { findEnd } from "../log/find-end.ts";
import type { TailPace } from "../log/tail.ts";

/** Something that whoever looks at a tenant's lists or resources may want to look at again. */
export type Change =
  | { readonly kind: "tools" | "prompts" | "resources" }
  /** A project has a new snapshot. */
  | { readonly kind: "project"; readonly project: string }
  | { readonly kind: "resource"; readonly uri: string };

/** Each has a stream of its own, so that nobody pays for reading what they did not ask for. */
export type ChangeTopic = "lists" | "resources";

export interface ChangeBusOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly pace?: TailPace;
}

/** Changes are heard by people's programs: a second late is soon. */
const PACE: TailPace = { fastestMs: 100, slowestMs: SECOND };
const SLOWING = 1.25;

/**
 * A stream holds the changes of this long. It is young when it is read from, so its end is found in
 * one read, and it expires as a whole, so its numbers never start again under a reader.
 */
export const WINDOW_MS = 10 * MINUTE;
/** How long after its end a window is still read, for writers whose clocks are behind. */
const GRACE_MS = 30 * SECOND;

/** Tells all processes what changed, over the event log. A change that nobody listens for is forgotten. */
export class ChangeBus {
  readonly #options: ChangeBusOptions;

  constructor(options: ChangeBusOptions) {
    this.#options = options;
  }

  /** Heard by everyone who listens when this returns. */
  async publish(tenant: string, change: Change): Promise<void> {
    const { log, clock } = this.#options;
    const key = toStream(tenant, topicOf(change), windowAt(clock.now()));
    const writer = crypto.randomUUID();
    const event = { kind: change.kind, data: change as unknown as Json };
    for (;;) {
      const { next } = await findEnd(log, key);
      if ((await log.append(key, next, writer, [event])) === "appended") return;
    }
  }

  /** From the moment this returns no change is missed. */
  async listen(tenant: string, topics: readonly ChangeTopic[]): Promise<ChangeFeed> {
    const feed = new ChangeFeed(this.#options, tenant, topics);
    await feed.begin();
    return feed;
  }
}

/** One listener's place in the streams of changes. */
export class ChangeFeed {
  readonly #options: ChangeBusOptions;
  readonly #tenant: string;
  readonly #topics: readonly ChangeTopic[];
  /** The last number read, by stream; streams that began after the listening are read from their start. */
  readonly #last = new Map<string, number>();

  constructor(options: ChangeBusOptions, tenant: string, topics: readonly ChangeTopic[]) {
    this.#options = options;
    this.#tenant = tenant;
    this.#topics = topics;
  }

  async begin(): Promise<void> {
    const find = async (key: StreamKey) => {
      const { next } = await findEnd(this.#options.log, key);
      this.#last.set(key.stream, next - 1);
    };
    await Promise.all(this.#streams().map(find));
  }

  /** Changes as they come, until the signal aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<Change> {
    const { clock, pace = PACE } = this.#options;
    let wait = pace.fastestMs;
    while (!signal.aborted) {
      const changes = await this.#read();
      yield* changes;
      wait = changes.length > 0 ? pace.fastestMs : Math.min(wait * SLOWING, pace.slowestMs);
      await clock.sleep(wait, signal);
    }
  }

  async #read(): Promise<readonly Change[]> {
    const read = this.#streams().map(async (key) => {
      const events = await this.#options.log.readAfter(key, this.#last.get(key.stream) ?? 0);
      const newest = events.at(-1);
      if (newest) this.#last.set(key.stream, newest.number);
      return events.map(({ data }) => data as unknown as Change);
    });
    return (await Promise.all(read)).flat();
  }

  #streams(): readonly StreamKey[] {
    const now = this.#options.clock.now();
    const current = windowAt(now);
    const windows = now - current * WINDOW_MS < GRACE_MS ? [current - 1, current] : [current];
    return this.#topics.flatMap((topic) =>
      windows.map((window) => toStream(this.#tenant, topic, window)),
    );
  }
}

function topicOf({ kind }: Change): ChangeTopic {
  return kind === "project" || kind === "resource" ? "resources" : "lists";
}

function windowAt(now: number): number {
  return Math.floor(now / WINDOW_MS);
}

function toStream(tenant: string, topic: ChangeTopic, window: number): StreamKey {
  const expiresAt = (window + 2) * WINDOW_MS;
  return { tenant, stream: `changes:${topic}:${window}`, expiresAt };
}

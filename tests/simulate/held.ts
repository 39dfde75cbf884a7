import type { Agenda } from "./agenda.ts";
import { Gauge } from "./gauge.ts";
import { HELD_FIGURES } from "./measured.ts";
import type { StreamSettings } from "./mix.ts";

/** What is held in a Lambda, or polls, while time passes; all of it as numbers at a moment. */
export class Held {
  readonly #agenda: Agenda;
  readonly #busiest: number;
  /** `subscriptions/listen` streams. */
  readonly listens: Gauge;
  readonly busiestListens: Gauge;
  /** Sessions with subscriptions, whose own stream is held but for the moments between two. */
  readonly ownStreams: Gauge;
  readonly busiestOwnStreams: Gauge;
  /** Sessions without, that look in now and then. */
  readonly idleSessions: Gauge;
  /** Calls on a worker whose client holds a stream. */
  readonly followers: Gauge;
  /** Tasks that are asked for, by the pause they are told. */
  readonly polls: ReadonlyMap<number, Gauge>;

  constructor(agenda: Agenda, busiest: number) {
    this.#agenda = agenda;
    this.#busiest = busiest;
    const gauge = () => new Gauge(agenda.now);
    this.listens = gauge();
    this.busiestListens = gauge();
    this.ownStreams = gauge();
    this.busiestOwnStreams = gauge();
    this.idleSessions = gauge();
    this.followers = gauge();
    this.polls = new Map(PAUSES.map(({ seconds }) => [seconds, gauge()]));
  }

  /** Invocations that are held at this moment. */
  get lambdas(): number {
    return this.listens.value + this.ownStreams.value + this.followers.value;
  }

  get gauges(): readonly Gauge[] {
    const { listens, busiestListens, ownStreams, busiestOwnStreams, idleSessions } = this;
    const own = [listens, busiestListens, ownStreams, busiestOwnStreams, idleSessions];
    return [...own, this.followers, ...this.polls.values()];
  }

  hold(kind: "listens" | "ownStreams" | "idleSessions", tenant: number, seconds: number): void {
    const gauges = [this[kind]];
    if (tenant === this.#busiest && kind === "listens") gauges.push(this.busiestListens);
    if (tenant === this.#busiest && kind === "ownStreams") gauges.push(this.busiestOwnStreams);
    for (const gauge of gauges) gauge.add(1, this.#agenda.now);
    this.#agenda.in(seconds, () => {
      for (const gauge of gauges) gauge.add(-1, this.#agenda.now);
    });
  }

  /**
   * A call's own stream, until the returned function is called, or until its Lambda's time is over:
   * then the call has ended with the name of its task, and nobody holds anything for it.
   */
  follow(): () => void {
    let isOver = false;
    const stop = () => {
      if (isOver) return;
      isOver = true;
      this.followers.add(-1, this.#agenda.now);
    };
    this.followers.add(1, this.#agenda.now);
    this.#agenda.in(FOLLOW_S, stop);
    return stop;
  }

  /** A client that asks `tasks/get` as often as it is told, until the returned function is called. */
  poll(): () => void {
    let current: Gauge | undefined;
    let isOver = false;
    const move = (next: Gauge | undefined) => {
      current?.add(-1, this.#agenda.now);
      next?.add(1, this.#agenda.now);
      current = next;
    };
    for (const { from, seconds } of PAUSES) {
      this.#agenda.in(from, () => {
        if (!isOver) move(this.polls.get(seconds));
      });
    }
    return () => {
      isOver = true;
      move(undefined);
    };
  }

  /** Requests that open a stream again or look in, on the average of a second. */
  requestsPerSecond({ listenMs, ownStreamMs, ownRetryMs }: StreamSettings): number {
    let polls = 0;
    for (const [seconds, gauge] of this.polls) polls += gauge.value / seconds;
    return (
      polls +
      this.listens.value / (listenMs / 1000) +
      this.ownStreams.value / (ownStreamMs / 1000) +
      this.idleSessions.value / (ownRetryMs / 1000)
    );
  }

  rruPerSecond(): number {
    const { rru: listen } = HELD_FIGURES["listen on lists and a file"];
    const { rru: own } = HELD_FIGURES["and a session's own stream with a file"];
    const { rru: task } = HELD_FIGURES["and a call that follows it"];
    const sum =
      this.listens.value * listen + this.ownStreams.value * own + this.followers.value * task;
    return sum / 60;
  }
}

/** What `tasks/get` tells a client to wait, by the age of the task (core/mcp/task-wire.ts). Seconds. */
const PAUSES = [
  { from: 0, seconds: 1 },
  { from: 10, seconds: 2 },
  { from: 120, seconds: 5 },
] as const;

/** 15 minutes less the margin (`streamMarginMs`). */
const FOLLOW_S = 895;

import type { Clock } from "../lib/clock.ts";
import type { Json } from "../lib/json.ts";
import { END, type LogEvent, type StoredEvent } from "../log/event-log.ts";
import { checkDeclared, toAnswer } from "../tool/input-answer.ts";
import type { InputAnswer, InputRequest } from "../tool/input-request.ts";
import type { Caller, Reporter } from "./call-service.ts";
import { isTerminal, type Job } from "./job.ts";
import { answerInputs, changeInputs, type InputAnswers } from "./job-inputs.ts";
import type { JobEnd } from "./job-store.ts";

/** A job with what it has told and asked; its caller methods are the tool's. */
export class RunningJob implements Caller {
  #job: Job;
  #events: StoredEvent[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #clock: Clock;
  readonly #cancel = new AbortController();
  /** By key: who waits for an answer. */
  readonly #waiting = new Map<string, (answer: Json) => void>();
  #asked = 0;

  constructor(clock: Clock, job: Job) {
    this.#clock = clock;
    this.#job = job;
  }

  get job(): Job {
    return this.#job;
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  readonly progress: Reporter["progress"] = (progress, total, message) => {
    const data = {
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    this.#tell({ kind: "progress", data });
  };

  readonly log: Reporter["log"] = (level, data) =>
    this.#tell({ kind: "log", data: { level, data } });

  /** Waits as long as the tool may run: nothing is paid for meanwhile. */
  readonly ask = async <Request extends InputRequest>(
    request: Request,
  ): Promise<InputAnswer<Request>> => {
    checkDeclared(request, this.#job.asks);
    this.#asked += 1;
    const key = `ask-${this.#asked}`;
    const { promise, resolve } = Promise.withResolvers<Json>();
    this.#change(changeInputs(this.#job, { add: [{ key, request }], drop: [] }));
    this.#waiting.set(key, resolve);
    this.#tell({ kind: "input_required", data: {} });
    const answer = await promise;
    this.#change(changeInputs(this.#job, { add: [], drop: [key] }));
    return toAnswer(request, answer);
  };

  /** @throws RefusedError `invalid_input`, `too_large`. */
  answer(answers: InputAnswers): Job {
    const next = isTerminal(this.#job.state) ? undefined : answerInputs(this.#job, answers);
    if (!next) return this.#job;
    this.#change(next);
    this.#tell({ kind: "resumed", data: {} });
    for (const { key, answer } of next.inputs) {
      if (answer === undefined) continue;
      this.#waiting.get(key)?.(answer);
      this.#waiting.delete(key);
    }
    return this.#job;
  }

  /** Work that is told to stop ends a moment later, by itself. */
  cancel(): Job {
    if (isTerminal(this.#job.state)) return this.#job;
    this.#change({ cancelRequested: true });
    this.#cancel.abort();
    return this.#job;
  }

  end(end: JobEnd): void {
    this.#change({ ...end, inputs: [] });
    this.#tell({ kind: END, data: { state: end.state } });
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const left = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => left.resolve(), { once: true });
    for (let number = after; !signal.aborted; ) {
      const changed = this.#changed.promise;
      for (const event of this.#events.slice(number)) {
        yield event;
        number = event.number;
        if (event.kind === END) return;
      }
      await Promise.race([changed, left.promise]);
    }
  }

  #change(change: Partial<Job>): void {
    // A tool left behind by its time limit may still be told things, and changes nothing any more.
    if (isTerminal(this.#job.state)) return;
    this.#job = { ...this.#job, ...change, updatedAt: this.#clock.now() };
  }

  #tell(event: LogEvent): void {
    const number = this.#events.length + 1;
    this.#events.push({ ...event, number, writer: "process" });
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

import { SdkError, type ServerContext } from "@modelcontextprotocol/server";
import type { CallService } from "../burst/call-service.ts";
import { type Job, type JobInput, outstanding } from "../burst/job.ts";
import type { Clock } from "../lib/clock.ts";
import { mistakeIn } from "../tool/input-answer.ts";
import { type InputKind, kindOf } from "../tool/input-request.ts";
import { askClient } from "./ask-client.ts";

export interface InputBridgeOptions {
  readonly calls: CallService;
  readonly clock: Clock;
  readonly ctx: ServerContext;
  readonly declared: readonly InputKind[];
  /** Milliseconds since the epoch until when answers are waited for. */
  readonly deadline: number;
  readonly report: (error: unknown) => void;
}

/**
 * Puts what a job asks to the client of a session that follows it, and brings the answers to the job.
 * What is not answered stays outstanding: whoever follows the job next is asked again.
 */
export class InputBridge {
  readonly #options: InputBridgeOptions;
  readonly #over = new AbortController();
  readonly #asked = new Map<string, Promise<void>>();

  constructor(options: InputBridgeOptions) {
    this.#options = options;
  }

  /** Asks what has not been asked on this stream yet. */
  ask(job: Job): void {
    for (const input of outstanding(job)) {
      const { key, request } = input;
      if (this.#asked.has(key) || !this.#options.declared.includes(kindOf(request))) continue;
      this.#asked.set(key, this.#bring(job, input));
    }
  }

  /** Takes back what is not answered. */
  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#asked.values());
  }

  async #bring(job: Job, { key, request }: JobInput): Promise<void> {
    const { calls, clock, ctx, deadline, report } = this.#options;
    try {
      const answer = await askClient(ctx, request, {
        relatedRequestId: ctx.mcpReq.id,
        signal: this.#over.signal,
        timeout: Math.max(1, deadline - clock.now()),
      });
      // An answer of the wrong shape can't be used; the client will not give a better one.
      const kept = mistakeIn(request, answer) === undefined ? answer : { action: "cancel" };
      await calls.answer(job.principal.tenant, job.id, { [key]: kept });
    } catch (error) {
      if (!(error instanceof SdkError) && !this.#over.signal.aborted) report(error);
    }
  }
}

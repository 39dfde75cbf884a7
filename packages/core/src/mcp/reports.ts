import { SdkError, SdkErrorCode, type ServerContext } from "@modelcontextprotocol/server";
import type { Reporter } from "../burst/call-service.ts";
import type { Json } from "../lib/json.ts";
import type { LogLevel } from "../tool/tool-context.ts";

/**
 * Progress and log messages of one call, in the order they were made. Progress goes out only to a
 * client that gave a token, and only when it grew (a second attempt of a job starts again at 0).
 */
export class Reports implements Reporter {
  readonly #ctx: ServerContext;
  readonly #report: (error: unknown) => void;
  #highest: number;
  #last: Promise<void> = Promise.resolve();

  /** `told`: the highest progress that earlier rounds of the same call have told. */
  constructor(ctx: ServerContext, report: (error: unknown) => void, told?: number) {
    this.#ctx = ctx;
    this.#report = report;
    this.#highest = told ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether the client asked to hear of progress. */
  get wanted(): boolean {
    return this.#ctx.mcpReq._meta?.progressToken !== undefined;
  }

  /** For the next round. */
  get told(): { readonly told?: number } {
    return Number.isFinite(this.#highest) ? { told: this.#highest } : {};
  }

  // Tools take these out of their context and call them alone, so they are bound.
  readonly progress = (progress: number, total?: number, message?: string): void => {
    const progressToken = this.#ctx.mcpReq._meta?.progressToken;
    if (progressToken === undefined || progress <= this.#highest) return;
    this.#highest = progress;
    const params = {
      progressToken,
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    this.#send(() => this.#ctx.mcpReq.notify({ method: "notifications/progress", params }));
  };

  readonly log = (level: LogLevel, data: Json): void => {
    this.#send(() => this.#ctx.mcpReq.log(level, data));
  };

  /** Everything reported so far is on its way when this returns; an answer must not overtake it. */
  settled(): Promise<void> {
    return this.#last;
  }

  #send(notify: () => Promise<void>): void {
    this.#last = this.#last.then(notify).catch((error: unknown) => {
      // A client that left misses its progress; the work goes on without it.
      if (!hasLeft(error)) this.#report(error);
    });
  }
}

function hasLeft(error: unknown): boolean {
  if (!(error instanceof SdkError)) return false;
  return error.code === SdkErrorCode.NotConnected || error.code === SdkErrorCode.ConnectionClosed;
}

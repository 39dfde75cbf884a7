import { SdkError, SdkErrorCode, type ServerContext } from "@modelcontextprotocol/server";
import type { Reporter } from "../burst/call-service.ts";
import type { Json } from "../lib/json.ts";
import type { LogLevel } from "../tool/tool-context.ts";

export interface ReportsOptions {
  readonly report: (error: unknown) => void;
  /** The highest progress that earlier rounds of the same call have told. */
  readonly told?: number | undefined;
  /** Told which of a job's events goes out now; undefined: none. */
  readonly relays?: ((event: number | undefined) => void) | undefined;
}

/**
 * Progress and log messages of one call, in the order they were made. Progress goes out only to a
 * client that gave a token, and only when it grew (a second attempt of a job starts again at 0).
 */
export class Reports implements Reporter {
  readonly #ctx: ServerContext;
  readonly #report: (error: unknown) => void;
  readonly #relays: ReportsOptions["relays"];
  #highest: number;
  #event: number | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(ctx: ServerContext, { report, told, relays }: ReportsOptions) {
    this.#ctx = ctx;
    this.#report = report;
    this.#relays = relays;
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

  /** What is reported from now on stands for this event of a job. */
  standFor(event: number): void {
    this.#event = event;
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
    const event = this.#event;
    this.#last = this.#last
      .then(() => {
        this.#relays?.(event);
        return notify();
      })
      .catch((error: unknown) => {
        // A client that left misses its progress; the work goes on without it.
        if (!hasLeft(error)) this.#report(error);
      })
      .finally(() => this.#relays?.(undefined));
  }
}

function hasLeft(error: unknown): boolean {
  if (!(error instanceof SdkError)) return false;
  return error.code === SdkErrorCode.NotConnected || error.code === SdkErrorCode.ConnectionClosed;
}

import type { Principal } from "../access/principal.ts";
import type { StoredEvent } from "../log/event-log.ts";
import type { AnyTool } from "../tool/define-tool.ts";
import type { InputKind } from "../tool/input-request.ts";
import type { ToolContext } from "../tool/tool-context.ts";
import type { ToolResult } from "../tool/tool-result.ts";
import type { Job, JobId } from "./job.ts";
import type { InputAnswers } from "./job-inputs.ts";

/** A call whose tool exists, whose caller has the scope, and whose arguments passed the schema. */
export interface ToolCall {
  readonly tool: AnyTool;
  readonly principal: Principal;
  /** The validated arguments (the schema's output). */
  readonly input: unknown;
  /** The arguments as sent: what a worker gets. */
  readonly sent: unknown;
  /** Milliseconds since the epoch at which this process must have answered. */
  readonly deadline: number;
  /** What the client declared it can be asked for. */
  readonly asks: readonly InputKind[];
}

/** How a running call tells its caller about itself. */
export type Reporter = Pick<ToolContext, "progress" | "log">;

/** What stands between a call that runs here and its caller. */
export type Caller = Reporter & Pick<ToolContext, "ask">;

/** Where a call goes, and its handle there. */
export type PlacedCall =
  | {
      readonly kind: "here";
      readonly run: (caller: Caller, signal: AbortSignal) => Promise<ToolResult>;
    }
  /** Stored and launched (or re-attached); follow it by its id. */
  | { readonly kind: "burst"; readonly job: Job };

/** Runs tools: in this process, or as jobs on workers. What MCP and the CLI's REST stand on. */
export interface CallService {
  /** Decides the placement; a burst job is durable when this returns. @throws RefusedError `too_large` for arguments over the tool's limit. */
  place(call: ToolCall): Promise<PlacedCall>;
  job(tenant: string, id: JobId): Promise<Job | undefined>;
  /** The caller's own tasks that are still kept, newest first. */
  list(principal: Principal, limit: number): Promise<readonly Job[]>;
  /**
   * The job's events with a number over `after`, as they come; ends after its END event, or when the
   * signal aborts. Relaunches a queued job that found no capacity before.
   * Kinds: `progress` {progress, total?, message?}, `log` {level, data}, `input_required` and `resumed`
   * (look at the job), `end`.
   */
  follow(job: Job, after: number, signal: AbortSignal): AsyncIterable<StoredEvent>;
  /** Takes answers to what the job asks; see `JobStore.answer`. */
  answer(tenant: string, id: JobId, answers: InputAnswers): Promise<Job | undefined>;
  /** Undefined: unknown, or of another tenant. */
  cancel(tenant: string, id: JobId): Promise<Job | undefined>;
}

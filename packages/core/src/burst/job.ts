import type { Principal } from "../access/principal.ts";
import { HOUR } from "../lib/duration.ts";
import type { Id } from "../lib/id.ts";
import type { Json } from "../lib/json.ts";
import type { StreamKey } from "../log/event-log.ts";
import type { InputKind, InputRequest } from "../tool/input-request.ts";
import type { ToolResult } from "../tool/tool-result.ts";
import type { WorkerSize } from "../tool/worker-size.ts";

/** How long a task and its result can be asked for. */
export const TASK_TTL_MS = 24 * HOUR;

export type JobId = Id<"task">;

/**
 * `queued -> claimed -> running -> completed | failed | cancelled`, and `running <-> input_required`
 * while the client is asked for something; what a worker holds goes back to `queued` when its lease
 * ends without a result. Where an answer takes long the job is parked: `input_required`, held by
 * nobody, and `queued` again with the last answer. Terminal states never change. Each transition is one
 * conditional write on (state, fence).
 */
export type JobState =
  | "queued"
  | "claimed"
  | "running"
  | "input_required"
  | "completed"
  | "failed"
  | "cancelled";

export function isTerminal(state: JobState): state is "completed" | "failed" | "cancelled" {
  return state === "completed" || state === "failed" || state === "cancelled";
}

/** A call handed to the burst tier. Times are milliseconds since the epoch. */
export interface Job {
  readonly id: JobId;
  readonly principal: Principal;
  readonly tool: string;
  /** The validated arguments, as they were sent. */
  readonly input: Json;
  /** Names the same call by the same caller, so that asking again re-attaches; see `toCallKey`. */
  readonly callKey: string;
  /** Names what else the result depends on (`Tool.basis`); absent: unknown. */
  readonly basis?: string;
  readonly state: JobState;
  /** Grows with every claim; what a claimer writes is conditional on it. */
  readonly fence: number;
  /** Claims so far, and workers lost before they claimed. */
  readonly attempts: number;
  /** `attempts` when it last came on, by a checkpoint or a park; absent: never. */
  readonly attemptsAtProgress?: number;
  /** How often it was parked; absent: never. */
  readonly parks?: number;
  /** The newest that a tool made of its state. */
  readonly checkpoint?: Json;
  /** Who claimed it last: the ARN of an ECS task. */
  readonly worker?: string;
  /** Until when the claimer's lease holds; 0 while queued or parked. */
  readonly leaseUntil: number;
  /** Until when a worker that it was given to is waited for, which has neither claimed it nor is known to be lost. */
  readonly awaitedUntil?: number;
  readonly cancelRequested: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the task may be forgotten (the tasks extension's createdAt + ttlMs). */
  readonly expiresAt: number;
  readonly statusMessage?: string;
  readonly outcome?: JobOutcome;
  /** The machine its tool needs; absent: the usual one. */
  readonly size?: WorkerSize;
  /** What the client that made the call declared it can be asked for. */
  readonly asks: readonly InputKind[];
  /** What the tool asked since its checkpoint, in order, and which of it is answered: another worker's run gets the same answers. Empty once ended. */
  readonly inputs: readonly JobInput[];
  /** Present: another job's tool called it, not a client. */
  readonly parent?: JobParent;
}

export interface JobParent {
  readonly id: JobId;
  /** Of its item among those of one map. */
  readonly index: number;
  /** 1: child of a client's call, 2: its child. */
  readonly depth: number;
  /** The last event the parent had read when it stored the child: the child's own comes behind it. */
  readonly after: number;
}

/** A request to the client. Keys are unique for the life of the job. */
export interface JobInput {
  readonly key: string;
  readonly request: InputRequest;
  readonly answer?: Json;
}

/** The requests a client still owes an answer to. */
export function outstanding({ inputs }: Pick<Job, "inputs">): readonly JobInput[] {
  return inputs.filter(({ answer }) => answer === undefined);
}

/** Waits for an answer, held by nobody. */
export function isParked({ state, leaseUntil }: Pick<Job, "state" | "leaseUntil">): boolean {
  return state === "input_required" && leaseUntil === 0;
}

/** How a job ended. A tool's own failure is a `result` with `isError`; `error` is the platform's. */
export type JobOutcome =
  | ResultOutcome
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/** A tool's result, as far as it goes into an answer (`keepResult`); what does not is stored in parts. */
export interface ResultOutcome {
  readonly kind: "result";
  readonly result: ToolResult;
  /** By their numbers, texts first. Absent: `result` is all there is. */
  readonly stored?: readonly StoredPart[];
}

/** `text`: of the text that is read in pages; `document`: other text; `blob`: kept as base64. */
export interface StoredPart {
  readonly kind: "text" | "document" | "blob";
  readonly mimeType: string;
  /** As it is stored. */
  readonly characters: number;
  /** Of what it stands for. */
  readonly bytes: number;
}

/** A worker's right to write: the job and the fence it was claimed with. */
export interface Lease {
  readonly tenant: string;
  readonly id: JobId;
  readonly fence: number;
}

/** The stream of a job's events. */
export function jobStream(job: Pick<Job, "id" | "principal" | "expiresAt">): StreamKey {
  return { tenant: job.principal.tenant, stream: job.id, expiresAt: job.expiresAt };
}

/** The stream in which a parent reads which of its children have ended: `ended` {id}. */
export function childrenStream(
  parent: JobId,
  { principal, expiresAt }: Pick<Job, "principal" | "expiresAt">,
): StreamKey {
  return { tenant: principal.tenant, stream: `${parent}:children`, expiresAt };
}

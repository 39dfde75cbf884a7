/**
 * What was seen of one run from outside, in no words of the code under test: raw items of the table,
 * tasks as ECS shows them, lines a tool left on disk, what clients sent and got. The model judges
 * nothing else.
 */

/** An attribute as DynamoDB's JSON writes it, without its type. Numbers are numbers; sets are lists. */
export type Value = string | number | boolean | null | readonly Value[] | { [name: string]: Value };
export type Item = Readonly<Record<string, Value>>;

/** One write of the table, in the table's own order. */
export interface Row {
  readonly sequence: number;
  /** When the observer saw it, by its own clock, milliseconds since the epoch. */
  readonly at: number;
  readonly pk: string;
  readonly sk: string;
  /** Absent: the item was not there before. */
  readonly old?: Item;
  /** Absent: the item was deleted. */
  readonly now?: Item;
}

export interface SeenTask {
  readonly arn: string;
  /** Id of the job it was started for; it may be ordered others. */
  readonly job: string;
  /** Whom it was started for. */
  readonly tenant: string;
  /** `family:revision` of its task definition. */
  readonly release: string;
  readonly lastStatus: string;
  readonly exitCode?: number;
  readonly stopCode?: string;
  /** Epoch milliseconds. */
  readonly stoppedAt?: number;
  /** What this run did to it. */
  readonly faults: readonly string[];
}

/** A line the tool appended to its run's file. `run` names one start of the tool. */
export type ToolLine = {
  readonly run: string;
  /** The last part of its ECS task's ARN. */
  readonly task: string;
  /** Of the run's calls, the one it is for; absent where there is one. */
  readonly call?: string;
} & (
  | {
      readonly kind: "start";
      /** For whom the tool was told it runs. */
      readonly tenant: string;
      readonly user: string;
      /** What was there before it: files in the worker's folder, other processes of its container. */
      readonly found: readonly string[];
      /** The worker's own process first, then one that the tool leaves behind. */
      readonly processes: readonly SeenProcess[];
      /** Whether the context has checkpoints, and the step it goes on from. */
      readonly checkpoints: boolean;
      readonly from: number;
    }
  | { readonly kind: "step"; readonly step: number }
  /** The digest of a project's file as the tool read it. */
  | { readonly kind: "file"; readonly digest: string }
  /** Written right before the result is returned; `digest` is the SHA-256 of its text. */
  | { readonly kind: "end"; readonly digest: string }
);

export interface SeenProcess {
  readonly pid: number;
  readonly startedAt: string;
}

/** One request of a client and everything that came for it, resumptions by event id included. */
export interface Exchange {
  readonly client: string;
  /** Of the run's calls, the one it is for; absent where there is one. */
  readonly call?: string;
  /** Progress in the order it came. */
  readonly progress: readonly number[];
  /** Event ids in the order they came, where the transport has them. */
  readonly eventIds: readonly string[];
  /** Every answer that came; a request has at most one. */
  readonly answers: readonly SeenAnswer[];
  /** It was given up because nothing at all came on a stream that was there. */
  silence?: Silence;
}

/** Between two moments of the observer's clock, milliseconds since the epoch. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

/** `result`: a tool's result, by the digest of its text. */
export type SeenAnswer =
  | { readonly kind: "result"; readonly digest: string; readonly isError: boolean }
  | { readonly kind: "failed"; readonly text: string }
  | { readonly kind: "cancelled" };

/** Everything of one run: one call or several, of one tenant or two. */
export interface RunHistory {
  readonly steps: number;
  /** Digest of the file that was pushed for the tool to read. */
  readonly file: string;
  /** Ids of the jobs that a client asked to cancel. */
  readonly cancelled: readonly string[];
  /** Workers wait for their tenant's next job. */
  readonly lingers: boolean;
  /** Who made which call; empty where all are one user's. */
  readonly users: Readonly<Record<string, string>>;
  /** When the last look was taken: epoch milliseconds. */
  readonly endedAt: number;
  /** The services under the workers failed meanwhile, so that a worker may end with an error. */
  readonly troubled: boolean;
  readonly rows: readonly Row[];
  readonly tasks: readonly SeenTask[];
  readonly lines: readonly ToolLine[];
  readonly exchanges: readonly Exchange[];
  /** Digests of results that lie in the bucket, by job. */
  readonly objects: Readonly<Record<string, string>>;
  /** Processes of the run that still lived when all its tasks had stopped. */
  readonly left: readonly SeenProcess[];
}

/** What an invariant says when it does not hold. */
export interface Violation {
  readonly rule: string;
  readonly text: string;
}

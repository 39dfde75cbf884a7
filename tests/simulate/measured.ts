import type { HeldName, OperationName } from "../bench/row-names.ts";

/** What one operation takes of what AWS bills by request. */
export interface Figures {
  /** DynamoDB read and write request units. */
  readonly rru: number;
  readonly wru: number;
  readonly s3Reads: number;
  readonly s3Writes: number;
  /** Requests at the gateway, each an invocation of the mcp function. */
  readonly calls: number;
}

const figures = (
  rru: number,
  wru: number,
  s3Reads: number,
  s3Writes: number,
  calls = 1,
): Figures => ({
  rru,
  wru,
  s3Reads,
  s3Writes,
  calls,
});

/**
 * `npm run bench operations`, 2026-11-22, over the local cloud with the deployable bundles, on a
 * project of 312 files. Counts, not times: they are the same on AWS as far as its rules for units are
 * emulated; only a followed job's reads depend on time (19 to 28 were seen). Columns: RRU, WRU, S3 GET, S3 PUT, calls.
 */
export const OPERATION_FIGURES: Readonly<Record<OperationName, Figures>> = {
  "token check (GET of nothing)": figures(0, 0, 0, 0),
  "whoami, modern": figures(0, 0, 0, 0),
  "legacy initialize": figures(0, 1, 0, 0),
  "legacy notification": figures(1, 0, 0, 0),
  "legacy tools/list": figures(1, 0, 0, 0),
  "legacy tools/call whoami": figures(1, 0, 0, 0),
  "legacy DELETE": figures(1, 1, 0, 0),
  "push of new files": figures(4, 6, 2, 2, 3),
  "push again, files unchanged": figures(2, 0, 1, 0, 2),
  "list_directory, new process": figures(1, 0, 2, 0),
  "list_directory, again": figures(1, 0, 0, 0),
  "read_file, new process": figures(1, 0, 3, 0),
  "read_file, again": figures(1, 0, 0, 0),
  "search_files, new process": figures(2, 0, 3, 0),
  "search_files, again": figures(2, 0, 0, 0),
  "workspace_report, on a worker": figures(24, 25, 3, 0),
  "workspace_report, the same again": figures(6, 0, 0, 0),
};

/** A minute of something held. */
export interface HeldFigures {
  readonly rru: number;
  readonly wru: number;
  /** Invocations of the mcp function that run meanwhile. */
  readonly lambdas: number;
}

const held = (rru: number, wru: number, lambdas: number): HeldFigures => ({ rru, wru, lambdas });

/**
 * `npm run bench streams`, 2026-11-22, 15 seconds each: what a row adds to the one above it. The first
 * seconds are the dearest, for a stream looks often at first: the listen stream's 160 are 120 once it
 * has settled. So these are upper bounds.
 */
export const HELD_FIGURES: Readonly<Record<HeldName, HeldFigures>> = {
  nothing: held(0, 0, 0),
  "listen on lists and a file": held(160, 0, 1),
  "and a worker at work, its task unheard of": held(0, 40, 0),
  "and a listen on that task": held(240, 0, 1),
  "and a call that follows it": held(188, 0, 1),
  "and a session's own stream with a file": held(84, 0, 1),
};

/**
 * Milliseconds of Lambda, 1024 MB. `npm run bench warm cold` says 4 ms at Lambda and 12 ms over the
 * path for a read, 550 ms for a cold start, on a machine that is not AWS's; these are rounded up and
 * NOT measured on AWS. At $0.0133 per thousand GB-seconds they hardly matter beside held streams.
 */
export const LAMBDA_MS = { call: 30, push: 1000, coldStart: 600, reaper: 200 } as const;

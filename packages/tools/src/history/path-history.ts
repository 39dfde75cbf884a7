import {
  type Entry,
  findEntry,
  type PastSnapshot,
  type Projects,
  readAhead,
  SECOND,
  type ToolContext,
} from "@zenode/core";
import { isSameEntry } from "@zenode/core/compare";

/** Snapshots looked at by one call, at most; each may cost a few requests. */
const MOST_LOOKS = 200;
const PAGE = 50;
const LOOKS_AT_ONCE = 8;
/** Kept for the answer. */
const RESERVE_MS = 4 * SECOND;

export interface PathChangeAt {
  readonly snapshot: PastSnapshot;
  readonly change: "added" | "modified" | "deleted" | "oldest";
}

export interface PathHistory {
  readonly changes: readonly PathChangeAt[];
  /** Of the last snapshot judged, when not all were; absent: there is no more. */
  readonly before?: number;
}

interface Look {
  readonly snapshot: PastSnapshot;
  readonly entry: Entry | undefined;
}

export interface PathQuery {
  readonly project: string;
  readonly path: string;
  readonly before: number | undefined;
  readonly limit: number;
}

/**
 * The snapshots in which a path is not what it was in the one before. Two neighbours are compared by what is known
 * without reading contents; where a snapshot between them is no longer kept, the newer one counts for both.
 */
export async function pathHistory(context: ToolContext, query: PathQuery): Promise<PathHistory> {
  const { path, limit } = query;
  const changes: PathChangeAt[] = [];
  const load = async (snapshot: PastSnapshot): Promise<Look> => ({
    snapshot,
    entry: await findEntry(snapshot, path),
  });
  const line = snapshotsOf(context.projects, query);
  let newer: Look | undefined;
  let looks = 0;
  for await (const older of readAhead(line, { items: LOOKS_AT_ONCE }, load)) {
    if (newer && !isSameEntry(newer.entry, older.entry)) {
      changes.push({ snapshot: newer.snapshot, change: changeOf(newer.entry, older.entry) });
    }
    looks += 1;
    const isOver = looks > MOST_LOOKS || context.clock.now() > context.deadline - RESERVE_MS;
    if (newer && (changes.length === limit || isOver)) {
      return { changes, before: newer.snapshot.number };
    }
    newer = older;
  }
  if (newer?.entry) {
    const change = newer.snapshot.number === 1 ? "added" : "oldest";
    changes.push({ snapshot: newer.snapshot, change });
  }
  return { changes };
}

async function* snapshotsOf(
  projects: Projects,
  { project, before: first }: PathQuery,
): AsyncGenerator<PastSnapshot> {
  let before = first;
  for (;;) {
    const page = { limit: PAGE, ...(before !== undefined && { before }) };
    const snapshots = await projects.history(project, page);
    yield* snapshots;
    before = snapshots.at(-1)?.number;
    if (snapshots.length < PAGE) return;
  }
}

function changeOf(is: Entry | undefined, was: Entry | undefined): PathChangeAt["change"] {
  if (!was) return "added";
  return is ? "modified" : "deleted";
}

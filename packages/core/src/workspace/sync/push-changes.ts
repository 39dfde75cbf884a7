import { RefusedError } from "../../lib/error.ts";
import { BlobReader } from "../blob-reader.ts";
import { applyEdits } from "../change/apply-edits.ts";
import type { OpenTree } from "../change/entry-at.ts";
import type { Codec } from "../codec.ts";
import { comparePaths } from "../parse-path.ts";
import {
  askAgain,
  askMissing,
  offerTrees,
  type PushProgress,
  type PushTransport,
  report,
} from "../push-client.ts";
import type { Offer } from "../push-source.ts";
import type { BeginPushResponse, CommitPushResponse } from "../push-wire.ts";
import { makeReaderCaches } from "../reader-caches.ts";
import { type RemoteProject, type RemoteSnapshot, readLeaves } from "../remote-project.ts";
import type { UploadJournal } from "../upload-journal.ts";
import { uploadMissing } from "../upload-missing.ts";
import type { Uploaded, UploadSeries } from "../upload-series.ts";
import type { Leaf, Leaves, LocalLeaves } from "./leaf.ts";
import { type PushPlan, planPush } from "./plan-push.ts";

/** Each lost round is another's success; a command that loses so many says so. */
const MOST_ROUNDS = 20;

export interface ChangesOrder {
  readonly project: string;
  readonly message: string;
  readonly base: Leaves;
  readonly local: LocalLeaves;
  /** How to have the content of a local file. */
  readonly offer: (path: string, leaf: Extract<Leaf, { readonly kind: "file" }>) => Offer;
  readonly remote: RemoteProject;
  /** The newest snapshot, asked for already. */
  readonly head?: Promise<RemoteSnapshot | undefined>;
  /** Where that is none: what of the folder is packed already. */
  readonly begun?: Promise<UploadSeries | undefined>;
  readonly transport: PushTransport;
  readonly codec: Codec;
  readonly journal?: UploadJournal;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PushProgress) => void;
}

export type ChangesOutcome =
  | (CommitPushResponse & {
      /** Paths that became as they are here, sorted. */
      readonly changed: readonly string[];
      readonly uploaded: Uploaded;
      /** The snapshot that the changes were made to; 0: none. */
      readonly onto: number;
      /** Of the newest snapshot. */
      readonly root: string;
      /** So many paths were changed there alone: the folder has yet to pull them. */
      readonly behind: number;
    })
  | {
      readonly kind: "conflict";
      readonly conflicts: readonly string[];
      /** The newest snapshot, and whose it is. */
      readonly head: number;
      readonly author: string;
    };

const NOTHING: Uploaded = { blobs: 0, packs: 0, bytes: 0 };

/**
 * Makes what was changed here since `base` to the project's newest snapshot, as it is then; nothing else of it is
 * touched. Only what the project lacks is sent. When both sides changed a path, nothing is written: `conflict`.
 * @throws RefusedError `conflict` when others are first all the time, or a file changed while it was read; `not_found`
 *   when there is a base but no project: without the rest of its files, changes alone would make another one.
 */
export async function pushChanges(order: ChangesOrder): Promise<ChangesOutcome> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const head = await openHead(order, round);
    if (!head && order.base.size > 0) throw goneProject(order.project);
    const theirs: Leaves = head ? await readLeaves(head) : new Map();
    const plan = planPush({ base: order.base, local: order.local, remote: theirs });
    const settled = head && withoutCommit(head, plan);
    if (settled) return settled;
    const begun = await begunFor({ order, round, head });
    const outcome = await tryCommit(order, head, { ...plan, begun });
    if (outcome) return outcome;
  }
  throw new RefusedError(
    "conflict",
    `Others commit to ${order.project} all the time. Nothing was pushed. Try again in a moment.`,
  );
}

/** The outcome, where there is nothing to commit. */
function withoutCommit(
  { facts }: RemoteSnapshot,
  { conflicts, edits, behind }: PushPlan,
): ChangesOutcome | undefined {
  const { snapshot, files, bytes, root, author } = facts;
  if (conflicts.length > 0) return { kind: "conflict", conflicts, head: snapshot, author };
  if (edits.length > 0) return undefined;
  const counts = { snapshot, files, bytes, root, behind, onto: snapshot };
  return { kind: "unchanged", ...counts, changed: [], uploaded: NOTHING };
}

/** A folder was in sync with a project that is no more. */
export function goneProject(project: string): RefusedError {
  return new RefusedError(
    "not_found",
    `${project} was deleted; this folder stays as it is, and nothing of it was pushed. Bring the project back with the tool restore, or push the folder anew.`,
  );
}

function openHead(
  { head, remote }: ChangesOrder,
  round: number,
): Promise<RemoteSnapshot | undefined> {
  return round === 0 && head ? head : remote.open();
}

/** Serves one round: what it uploaded is in the journal then. */
async function begunFor({
  order,
  round,
  head,
}: {
  readonly order: ChangesOrder;
  readonly round: number;
  readonly head: RemoteSnapshot | undefined;
}): Promise<UploadSeries | undefined> {
  return round === 0 && !head ? order.begun : undefined;
}

/** Undefined: somebody was first, or an upload of an earlier push is gone. */
async function tryCommit(
  order: ChangesOrder,
  head: RemoteSnapshot | undefined,
  { edits, behind, begun }: PushPlan & { readonly begun: UploadSeries | undefined },
): Promise<ChangesOutcome | undefined> {
  const { project, message, transport, codec, journal } = order;
  const tree = await applyEdits(head?.tree ?? emptyTree(codec), edits, codec);
  const offers = new Map<string, Offer>();
  for (const { path, entry } of edits) {
    if (entry?.kind === "file") offers.set(entry.blob, order.offer(path, entry));
  }
  offerTrees(tree.trees, offers);
  const asked = await askWhatLacks(head, [...offers.keys()], order);
  if (!asked) return undefined;
  const { base, missing } = asked;
  const onto = head?.facts.snapshot ?? 0;
  const { uploads, uploaded } = await uploadMissing(missing, offers, {
    ...{ project, transport, codec, begun },
    lacks: (blobs) => askAgain(blobs, base, order),
    ...(journal && { journal }),
    onUpload: ({ blobs, bytes }) =>
      report(order, { phase: "upload", files: blobs, totalFiles: missing.length, bytes }),
  });
  report(order, { phase: "commit", files: 0, totalFiles: edits.length, bytes: 0 });
  try {
    const request = { project, base, root: tree.root.blob, uploads, message };
    const answer = await transport.commit(request);
    order.remote.keep(tree);
    await journal?.clear();
    const changed = edits.map(({ path }) => path).sort(comparePaths);
    return { ...answer, changed, uploaded, onto, root: tree.root.blob, behind };
  } catch (cause) {
    if (!isPassing(cause, uploads.length > uploaded.packs)) throw cause;
    if (cause.code !== "conflict") await journal?.clear();
    return undefined;
  }
}

/** Undefined: somebody was first. Of a new project all is missing. */
async function askWhatLacks(
  head: RemoteSnapshot | undefined,
  blobs: readonly string[],
  order: ChangesOrder,
): Promise<Pick<BeginPushResponse, "base" | "missing"> | undefined> {
  const asked = await askMissing(head ? blobs : [], order);
  if (!isStill(head, asked)) return undefined;
  return head ? asked : { base: asked.base, missing: [...blobs] };
}

/** Whether nobody was first. A deleted project has a number, and no root. */
function isStill(
  head: RemoteSnapshot | undefined,
  { base, root }: { readonly base: number; readonly root?: string | undefined },
): boolean {
  return head ? base === head.facts.snapshot : root === undefined;
}

/** Whether the same push can succeed when it is made again: somebody was first, or an earlier push's upload is gone. */
function isPassing(cause: unknown, usedOlder: boolean): cause is RefusedError {
  if (!(cause instanceof RefusedError)) return false;
  if (cause.code === "conflict") return true;
  return usedOlder && (cause.code === "expired" || cause.code === "not_found");
}

function emptyTree(codec: Codec): OpenTree {
  const caches = makeReaderCaches(0);
  return { root: undefined, blobs: new BlobReader({ tenant: "", packs: [], codec, caches }) };
}

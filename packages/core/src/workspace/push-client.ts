import { RefusedError } from "../lib/error.ts";
import { buildTrees, type TreeLeaf } from "./build-trees.ts";
import type { Codec } from "./codec.ts";
import { KeptContents } from "./kept-contents.ts";
import { MAX_BLOBS_PER_REQUEST } from "./limits.ts";
import {
  type FileSource,
  hashFiles,
  type Offer,
  type Skipped,
  sift,
  toOffer,
} from "./push-source.ts";
import type {
  BeginPushRequest,
  BeginPushResponse,
  CommitPushRequest,
  CommitPushResponse,
  UploadPacksRequest,
  UploadPacksResponse,
} from "./push-wire.ts";
import { uploadMissing } from "./upload-missing.ts";
import type { Uploaded } from "./upload-series.ts";

/** The way to a PushService. Each method may be repeated. */
export interface PushTransport {
  begin(request: BeginPushRequest): Promise<BeginPushResponse>;
  upload(request: UploadPacksRequest): Promise<UploadPacksResponse>;
  commit(request: CommitPushRequest): Promise<CommitPushResponse>;
  /** PUTs to a signed URL; resolves once it is stored. */
  put(url: string, body: Uint8Array): Promise<void>;
}

export interface PushProgress {
  readonly phase: "hash" | "compare" | "upload" | "commit";
  /** Done in this phase, and its total; 0: it is not known. */
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
}

export interface PushOrder {
  readonly project: string;
  readonly message: string;
  readonly source: FileSource;
  readonly transport: PushTransport;
  readonly codec: Codec;
  /** The snapshot that the files began from; absent: whatever is the head now. */
  readonly base?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PushProgress) => void;
}

export interface PushOutcome extends CommitPushResponse {
  readonly skipped: Skipped;
  readonly uploaded: Uploaded;
}

/**
 * Makes the whole state of a folder the project's: hash, ask, pack what is missing, commit. Holds one pack and the
 * files under way in memory, never the folder.
 * @throws RefusedError `conflict` when the head moved, or when a file changed while it was pushed.
 */
export async function push(order: PushOrder): Promise<PushOutcome> {
  const { project, message, transport, codec } = order;
  const { files, skipped } = sift(await order.source.list());
  const leaves: TreeLeaf[] = [];
  const offers = new Map<string, Offer>();
  const kept = new KeptContents();
  let read = 0;
  for await (const { file, leaf } of hashFiles(files, codec, kept)) {
    leaves.push(leaf);
    if (file.kind === "file" && leaf.kind === "file") {
      read += leaf.bytes;
      if (!offers.has(leaf.blob)) offers.set(leaf.blob, toOffer(file, leaf, codec, kept));
    }
    const [done, totalFiles] = [leaves.length, files.length];
    report(order, { phase: "hash", files: done, totalFiles, bytes: read });
  }
  const { root, trees } = buildTrees(leaves, codec);
  offerTrees(trees, offers);
  const { base, missing } = await askMissing([...offers.keys()], order);
  const { uploads, uploaded } = await uploadMissing(missing, offers, {
    ...{ project, transport, codec },
    lacks: (blobs) => askAgain(blobs, base, order),
    onUpload: ({ blobs, bytes }) =>
      report(order, { phase: "upload", files: blobs, totalFiles: missing.length, bytes }),
  });
  report(order, { phase: "commit", files: 0, totalFiles: files.length, bytes: 0 });
  const request = { project, base: order.base ?? base, root: root.blob, uploads, message };
  return { ...(await transport.commit(request)), skipped, uploaded };
}

/** After the files, so that a push's trees lie together at the end of its last pack. */
export function offerTrees(
  trees: ReadonlyMap<string, Uint8Array>,
  offers: Map<string, Offer>,
): void {
  for (const [blob, content] of trees) {
    offers.set(blob, { kind: "tree", bytes: content.length, read: async () => content });
  }
}

type Reporting = Pick<PushOrder, "signal" | "onProgress">;

export function report({ onProgress, signal }: Reporting, progress: PushProgress): void {
  signal?.throwIfAborted();
  onProgress?.(progress);
}

/** Which of them the head of that number lacks; when somebody was first, which the commit will tell, it may be all. */
export async function askAgain(
  blobs: readonly string[],
  base: number,
  order: Reporting & Pick<PushOrder, "project" | "transport">,
): Promise<readonly string[]> {
  if (base === 0 || blobs.length === 0) return blobs;
  const asked = await order.transport.begin({ project: order.project, blobs: [...blobs] });
  return asked.base === base ? asked.missing : blobs;
}

/** Which of the blobs the head's packs lack, and the head's number. @throws RefusedError `conflict` when it moved meanwhile. */
export async function askMissing(
  blobs: readonly string[],
  order: Reporting & Pick<PushOrder, "project" | "transport">,
): Promise<BeginPushResponse> {
  const { project, transport } = order;
  const missing: string[] = [];
  let [base, head]: [number, Pick<BeginPushResponse, "root">] = [0, {}];
  for (let from = 0; from === 0 || from < blobs.length; from += MAX_BLOBS_PER_REQUEST) {
    const asked = blobs.slice(from, from + MAX_BLOBS_PER_REQUEST);
    const answer = await transport.begin({ project, blobs: asked });
    if (from > 0 && answer.base !== base) {
      throw new RefusedError(
        "conflict",
        `Somebody else pushed to ${project} meanwhile. Push again.`,
      );
    }
    base = answer.base;
    head = answer.root === undefined ? {} : { root: answer.root };
    missing.push(...answer.missing);
    const done = from + asked.length;
    report(order, { phase: "compare", files: done, totalFiles: blobs.length, bytes: 0 });
  }
  return { base, ...head, missing };
}

import { MIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import { buildTrees, type TreeLeaf } from "./build-trees.ts";
import type { Codec } from "./codec.ts";
import { MAX_BLOBS_PER_REQUEST, MAX_FILE_BYTES } from "./limits.ts";
import { leavesTree } from "./link-target.ts";
import { PackSeries } from "./pack-series.ts";
import { parsePath } from "./parse-path.ts";
import type {
  BeginPushRequest,
  BeginPushResponse,
  CommitPushRequest,
  CommitPushResponse,
  UploadPacksRequest,
  UploadPacksResponse,
} from "./push-wire.ts";
import { readAhead } from "./read-ahead.ts";

/** Files under way: many small ones, few large ones. */
const READS_AT_ONCE = 16;
const READ_BYTES_AT_ONCE = 32 * MIB;

/** Something to push. `path` is relative, with `/`. */
export type SourceFile =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly bytes: number;
      readonly executable: boolean;
      read(): Promise<Uint8Array>;
    }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** What a push reads; its answer is one state of the folder, each path once. */
export interface FileSource {
  list(): Promise<readonly SourceFile[]>;
}

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
  /** Done in this phase, and its total. */
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
  /** Left out, with the reason: links that lead out of the folder, names that are no paths, files too large. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly uploaded: { readonly blobs: number; readonly packs: number; readonly bytes: number };
}

type Skipped = PushOutcome["skipped"];
type ReadableFile = Extract<SourceFile, { readonly kind: "file" }>;

/** A blob that the server may lack, and how to have its content. */
interface Offer {
  readonly kind: "file" | "tree";
  readonly bytes: number;
  read(): Promise<Uint8Array>;
}

/**
 * Pushes the whole state of a folder: hash, ask, pack what is missing, commit. Holds one pack and the
 * files under way in memory, never the folder.
 * @throws RefusedError `conflict` when the head moved, or when a file changed while it was pushed.
 */
export async function push(order: PushOrder): Promise<PushOutcome> {
  const { project, message, transport, codec } = order;
  const { files, skipped } = sift(await order.source.list());
  const { leaves, offers } = await hashFiles(files, order);
  const { root, trees } = buildTrees(leaves, codec);
  // After the files, so that a push's trees lie together at the end of its last pack.
  for (const [blob, content] of trees) {
    offers.set(blob, { kind: "tree", bytes: content.length, read: async () => content });
  }
  const { base, missing } = await askMissing([...offers.keys()], order);
  const { uploads, uploaded } = await uploadMissing(missing, offers, order);
  report(order, { phase: "commit", files: 0, totalFiles: files.length, bytes: 0 });
  const request = { project, base: order.base ?? base, root: root.blob, uploads, message };
  return { ...(await transport.commit(request)), skipped, uploaded };
}

function report({ onProgress, signal }: PushOrder, progress: PushProgress): void {
  signal?.throwIfAborted();
  onProgress?.(progress);
}

function sift(all: readonly SourceFile[]): { files: readonly SourceFile[]; skipped: Skipped } {
  const files: SourceFile[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for (const file of all) {
    const reason = findFault(file);
    if (reason === undefined) files.push(file);
    else skipped.push({ path: file.path, reason });
  }
  return { files, skipped };
}

function findFault(file: SourceFile): string | undefined {
  try {
    parsePath(file.path);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  if (file.kind === "file") {
    return file.bytes > MAX_FILE_BYTES ? `It is over ${MAX_FILE_BYTES} bytes.` : undefined;
  }
  return leavesTree(file.path, file.target) ? `The link leads out: ${file.target}` : undefined;
}

async function hashFiles(
  files: readonly SourceFile[],
  order: PushOrder,
): Promise<{ leaves: readonly TreeLeaf[]; offers: Map<string, Offer> }> {
  const leaves: TreeLeaf[] = [];
  const offers = new Map<string, Offer>();
  let bytes = 0;
  const of = (file: SourceFile) => (file.kind === "file" ? file.bytes : 0);
  const limits = { items: READS_AT_ONCE, weight: { max: READ_BYTES_AT_ONCE, of } };
  for await (const { file, leaf } of readAhead(files, limits, (one) => toLeaf(one, order))) {
    leaves.push(leaf);
    if (file.kind === "file" && leaf.kind === "file") {
      bytes += leaf.bytes;
      if (!offers.has(leaf.blob)) offers.set(leaf.blob, toOffer(file, leaf, order.codec));
    }
    report(order, { phase: "hash", files: leaves.length, totalFiles: files.length, bytes });
  }
  return { leaves, offers };
}

async function toLeaf(
  file: SourceFile,
  { codec }: PushOrder,
): Promise<{ file: SourceFile; leaf: TreeLeaf }> {
  if (file.kind === "link") return { file, leaf: file };
  const content = await file.read();
  const { path, executable } = file;
  const blob = codec.sha256(content);
  return { file, leaf: { kind: "file", path, executable, blob, bytes: content.length } };
}

/** Files are read a second time when they are packed; in between they may have changed. */
function toOffer(file: ReadableFile, leaf: TreeLeaf & { kind: "file" }, codec: Codec): Offer {
  const read = async () => {
    const content = await file.read();
    if (codec.sha256(content) === leaf.blob) return content;
    throw new RefusedError("conflict", `${file.path} changed while it was pushed. Push again.`);
  };
  return { kind: "file", bytes: leaf.bytes, read };
}

async function askMissing(
  blobs: readonly string[],
  order: PushOrder,
): Promise<{ base: number; missing: readonly string[] }> {
  const { project, transport } = order;
  const missing: string[] = [];
  let base = 0;
  for (let from = 0; from < blobs.length; from += MAX_BLOBS_PER_REQUEST) {
    const asked = blobs.slice(from, from + MAX_BLOBS_PER_REQUEST);
    const answer = await transport.begin({ project, blobs: asked });
    if (from > 0 && answer.base !== base) {
      throw new RefusedError(
        "conflict",
        `Somebody else pushed to ${project} meanwhile. Push again.`,
      );
    }
    base = answer.base;
    missing.push(...answer.missing);
    const done = from + asked.length;
    report(order, { phase: "compare", files: done, totalFiles: blobs.length, bytes: 0 });
  }
  return { base, missing };
}

async function uploadMissing(
  missing: readonly string[],
  offers: ReadonlyMap<string, Offer>,
  order: PushOrder,
): Promise<{ uploads: string[]; uploaded: PushOutcome["uploaded"] }> {
  const uploads: string[] = [];
  const uploaded = { blobs: 0, packs: 0, bytes: 0 };
  const packs = new PackSeries(order.codec, async ({ body, blobs }) => {
    uploads.push(await uploadPack(body, order));
    uploaded.packs++;
    uploaded.blobs += blobs;
    uploaded.bytes += body.length;
    const totalFiles = missing.length;
    report(order, { phase: "upload", files: uploaded.blobs, totalFiles, bytes: uploaded.bytes });
  });
  for await (const { blob, kind, content } of readOffers(missing, offers)) {
    await packs.add(blob, content, kind);
  }
  await packs.end();
  return { uploads, uploaded };
}

function readOffers(missing: readonly string[], offers: ReadonlyMap<string, Offer>) {
  const wanted = missing.map((blob) => {
    const offer = offers.get(blob);
    if (offer) return { blob, offer };
    throw new RefusedError("corrupt", `The server asked for ${blob}, which was not offered.`);
  });
  const weight = { max: READ_BYTES_AT_ONCE, of: (one: { offer: Offer }) => one.offer.bytes };
  return readAhead(wanted, { items: READS_AT_ONCE, weight }, async ({ blob, offer }) => ({
    blob,
    kind: offer.kind,
    content: await offer.read(),
  }));
}

async function uploadPack(body: Uint8Array, { project, transport }: PushOrder): Promise<string> {
  const { uploads } = await transport.upload({ project, packs: [body.length] });
  const [target] = uploads;
  if (!target) throw new RefusedError("unavailable", "The server gave no place for a pack.");
  await transport.put(target.url, body);
  return target.upload;
}

import type { Principal } from "../access/principal.ts";
import { allows } from "../access/scope.ts";
import { MIB } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { RefusedError } from "../lib/error.ts";
import { isId, newId } from "../lib/id.ts";
import { BlobReader } from "./blob-reader.ts";
import { mergePacks, type PushPlace } from "./change/merge-packs.ts";
import type { Codec } from "./codec.ts";
import { isBlobId } from "./hex.ts";
import { MAX_SNAPSHOT_PACKS } from "./limits.ts";
import { type MeasuredTree, measureTree } from "./measure-tree.ts";
import { openPacks } from "./open-pack.ts";
import type { Pack } from "./pack.ts";
import type { PackStore } from "./pack-store.ts";
import { parseProjectName } from "./parse-path.ts";
import type {
  BeginPushRequest,
  BeginPushResponse,
  CommitPushRequest,
  CommitPushResponse,
  UploadPacksRequest,
  UploadPacksResponse,
} from "./push-wire.ts";
import { makeReaderCaches, processCaches, type ReaderCaches } from "./reader-caches.ts";
import type { OnCommit, PackReference, SnapshotRecord, SnapshotStore } from "./snapshot-store.ts";
import type { StorageAccount } from "./storage/storage-account.ts";
import { openUploads, toPackReference, type Upload } from "./upload.ts";

/** How long a pack may take to arrive. */
const UPLOAD_SECONDS = 15 * 60;
/** Frames and trees of uploads, for one commit. */
const COMMIT_CACHE_BYTES = 64 * MIB;

export interface PushServiceOptions {
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly storage: StorageAccount;
  /** Told of each new snapshot, before the client is. */
  readonly onCommit?: OnCommit;
  /** Absent: the process's. */
  readonly caches?: ReaderCaches;
}

interface KeptPacks {
  readonly old: readonly Pack[];
  readonly head: SnapshotRecord | undefined;
  readonly kept: ReadonlySet<Pack>;
}

type By<Request> = Request & { readonly principal: Principal };

/**
 * The server's half of a push: `begin` tells which blobs are missing, `upload` signs URLs for packs,
 * `commit` checks everything reachable and moves the head. Until the head moves, nothing that a
 * reader sees has changed; what was uploaded by then expires.
 * Every method @throws RefusedError `forbidden` without the scope `write`.
 */
export class PushService {
  readonly #options: PushServiceOptions;

  constructor(options: PushServiceOptions) {
    this.#options = options;
  }

  async begin({ principal, project, blobs }: By<BeginPushRequest>): Promise<BeginPushResponse> {
    const tenant = authorize(principal);
    const head = await this.#options.snapshots.head(tenant, parseProjectName(project));
    if (!head) return { base: 0, missing: [...blobs] };
    const { codec, caches = processCaches } = this.#options;
    const packs = this.#openHeadPacks(tenant, head);
    const finder = await new BlobReader({ tenant, packs, codec, caches }).finder();
    const missing = blobs.filter((blob) => !finder.find(blob));
    return { base: head.number, ...(!head.deleted && { root: head.root }), missing };
  }

  /** @throws RefusedError `too_large`: the tenant has no room for packs of these sizes. */
  async upload({ principal, packs }: By<UploadPacksRequest>): Promise<UploadPacksResponse> {
    const tenant = authorize(principal);
    await this.#options.storage.admitUpload(
      tenant,
      packs.reduce((sum, bytes) => sum + bytes, 0),
    );
    const uploads = packs.map(async (bytes) => {
      const upload = newId("upload");
      const { packs: store } = this.#options;
      return {
        upload,
        bytes,
        url: await store.presignUpload(tenant, upload, bytes, UPLOAD_SECONDS),
      };
    });
    return { uploads: await Promise.all(uploads) };
  }

  /**
   * Repeatable: a root that is the head's already is "unchanged".
   * @throws RefusedError `conflict` (the head moved; the text names it), `expired` (an upload is gone),
   *   `invalid_input` (an upload is no pack), `not_found` (a blob is missing), `too_large` (also: the tenant's storage is full), `invalid_path`.
   */
  async commit(request: By<CommitPushRequest>): Promise<CommitPushResponse> {
    const tenant = authorize(request.principal);
    checkRequest(request);
    const head = await this.#options.snapshots.head(tenant, request.project);
    if ((head?.number ?? 0) !== request.base) return this.#settleRace(tenant, request);
    if (head && isUnchanged(head, request)) return toResponse("unchanged", head);
    const { codec, clock, packs: store } = this.#options;
    const caches = makeReaderCaches(COMMIT_CACHE_BYTES);
    const uploads = await openUploads(request.uploads, { tenant, store, codec, clock, caches });
    const old = head ? this.#openHeadPacks(tenant, head) : [];
    const packs = [...uploads.map(({ pack }) => pack), ...old];
    const reader = new BlobReader({ tenant, packs, codec, caches });
    const measured = await measureTree(request.root, reader);
    const { files, bytes } = measured;
    const place = { tenant, commitment: { project: request.project, head, files, bytes } };
    const needed = packs.filter((pack) => measured.packs.has(pack));
    const root = await reader.find(request.root);
    const merge = await mergePacks(this.#options, place, {
      roots: [{ kind: "tree", blob: request.root, bytes: root?.bytes ?? 0 }],
      ...{ blobs: reader, packs: needed, bytes: measured.bytes },
    });
    const kept = new Set(needed.filter((pack) => !merge.packs.has(pack)));
    const adopted = uploads.filter(({ pack }) => kept.has(pack));
    const references = chooseReferences(merge.stored, adopted, { old, head, kept });
    await this.#adopt(place, adopted);
    const record = this.#toRecord(request, measured, references);
    if (await this.#options.snapshots.commit(tenant, record)) {
      await this.#options.onCommit?.(tenant, record, head);
      return toResponse("committed", record);
    }
    return this.#settleRace(tenant, request);
  }

  #openHeadPacks(tenant: string, head: SnapshotRecord): readonly Pack[] {
    return openPacks(head, { ...this.#options, tenant });
  }

  async #adopt({ tenant, commitment }: PushPlace, adopted: readonly Upload[]): Promise<void> {
    const { packs, storage } = this.#options;
    const bytes = adopted.reduce((sum, { pack }) => sum + pack.source.bytes, 0);
    const { project } = commitment;
    await storage.admit(tenant, commitment, bytes);
    await Promise.all(
      adopted.map((upload) => packs.adopt(tenant, project, upload.id, toPackReference(upload).id)),
    );
  }

  #toRecord(
    { principal, project, base, root, message }: By<CommitPushRequest>,
    { files, bytes, entries }: MeasuredTree,
    packs: readonly PackReference[],
  ): SnapshotRecord {
    const createdAt = this.#options.clock.now();
    const author = principal.username;
    const totals = { files, bytes, entries };
    return { project, number: base + 1, root, packs, ...totals, author, message, createdAt };
  }

  /** Somebody was first; when it was this same push (its answer was lost), all is well, also when others went on from it. */
  async #settleRace(tenant: string, request: By<CommitPushRequest>): Promise<CommitPushResponse> {
    const { snapshots, onCommit } = this.#options;
    const { project, base } = request;
    const next = await snapshots.get(tenant, project, base + 1);
    if (next && isUnchanged(next, request)) {
      // Whoever made it may have failed before it told anybody.
      await onCommit?.(
        tenant,
        next,
        base > 0 ? await snapshots.get(tenant, project, base) : undefined,
      );
      return toResponse("unchanged", next);
    }
    const head = await snapshots.head(tenant, project);
    if (head && isUnchanged(head, request)) return toResponse("unchanged", head);
    throw conflict(request, head);
  }
}

/** The tenant to write to. */
function authorize(principal: Principal): string {
  if (allows(principal.scopes, "write")) return principal.tenant;
  throw new RefusedError("forbidden", "To push, sign in with the scope zenode/write.");
}

function checkRequest({ project, root, uploads }: CommitPushRequest): void {
  parseProjectName(project);
  if (!isBlobId(root) || uploads.some((upload) => !isId("upload", upload))) {
    throw new RefusedError("invalid_input", "The root or an upload is no id.");
  }
}

function isUnchanged(head: SnapshotRecord, { root }: CommitPushRequest): boolean {
  return head.root === root && !head.deleted;
}

/** Packs that the new snapshot needs, newest first; those it no longer needs are left behind. */
function chooseReferences(
  merged: readonly PackReference[],
  adopted: readonly Upload[],
  { old, head, kept }: KeptPacks,
): readonly PackReference[] {
  const references = [
    ...merged,
    ...adopted.map(toPackReference),
    ...(head?.packs ?? []).filter((_, at) => kept.has(old[at] as Pack)),
  ];
  if (references.length <= MAX_SNAPSHOT_PACKS) return references;
  throw new RefusedError("too_large", `The project would lie in over ${MAX_SNAPSHOT_PACKS} packs.`);
}

function toResponse(
  kind: CommitPushResponse["kind"],
  { number, files, bytes }: SnapshotRecord,
): CommitPushResponse {
  return { kind, snapshot: number, files, bytes };
}

function conflict(
  { base, project }: CommitPushRequest,
  head: SnapshotRecord | undefined,
): RefusedError {
  const at = head && `at snapshot ${head.number} (by ${head.author})`;
  const now = head?.deleted ? `deleted, ${at}` : (at ?? "gone, or was never pushed");
  return new RefusedError(
    "conflict",
    `This push began at snapshot ${base}, but ${project} is ${now}. Begin again.`,
  );
}

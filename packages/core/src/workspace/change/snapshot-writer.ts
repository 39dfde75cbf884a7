import type { Principal } from "../../access/principal.ts";
import type { Lease } from "../../burst/job.ts";
import { MIB } from "../../lib/bytes.ts";
import type { Clock } from "../../lib/clock.ts";
import { RefusedError } from "../../lib/error.ts";
import { newId } from "../../lib/id.ts";
import { addFile, type ChunkPlace } from "../add-file.ts";
import type { BlobReader } from "../blob-reader.ts";
import type { Codec } from "../codec.ts";
import { MAX_SNAPSHOT_PACKS } from "../limits.ts";
import { countClimbs } from "../link-target.ts";
import { checkTotals, type Extent, measureEntry, measureTree } from "../measure-tree.ts";
import { openPack } from "../open-pack.ts";
import { Pack } from "../pack.ts";
import { fillPacks } from "../pack-series.ts";
import type { PackStore } from "../pack-store.ts";
import type { WrittenPack } from "../pack-writer.ts";
import type { Snapshot } from "../projects.ts";
import type { ReaderCaches } from "../reader-caches.ts";
import {
  isGone,
  type OnCommit,
  type PackReference,
  type SnapshotRecord,
  type SnapshotStore,
} from "../snapshot-store.ts";
import type { Commitment, StorageAccount } from "../storage/storage-account.ts";
import { StoredSnapshot } from "../stored-snapshot.ts";
import { applyEdits, type EditedTree } from "./apply-edits.ts";
import { ChangeConflict } from "./change-conflict.ts";
import { addReached, planMerge } from "./compact.ts";
import { deleteProject } from "./delete-project.ts";
import type { FileChange, PlacedEntry } from "./file-change.ts";
import { findConflicts } from "./find-conflicts.ts";
import { addForeign, type OpenRecord, openRecord, type WideRecord } from "./open-record.ts";
import { readContent } from "./read-content.ts";
import { checkPlace, type Edits, toEdits } from "./to-edits.ts";
import { checkMayWrite, checkStillThere } from "./write-checks.ts";

export interface SnapshotWriterOptions {
  readonly principal: Principal;
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly storage: StorageAccount;
  readonly caches: ReaderCaches;
  /** Of the job whose worker this is. */
  readonly lease?: Lease | undefined;
  /** Told of each new snapshot, before the caller is. */
  readonly onCommit?: OnCommit | undefined;
}

export interface ChangeOrder {
  readonly project: string;
  /** What the changes were made from; without one, or one of a deletion: they make the project. */
  readonly base: SnapshotRecord | undefined;
  readonly changes: readonly FileChange[];
  readonly message: string;
}

interface NewContent {
  readonly commitment: Commitment;
  readonly tree: EditedTree;
  readonly edits: Edits;
}

/** Each lost round is a pack and a transaction: a call gives up before its time is over. */
const MOST_ROUNDS = 40;

/** So many snapshots are looked at for the one that changed a path. */
const MOST_SUSPECTS = 50;

/** What is stored is read again soon: smaller packs are kept in the process as if they had been read. */
const CACHED_BYTES = MIB;

/** Makes changes a project's next snapshot: one pack, one transaction. */
export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
  }

  /**
   * All of the changes or none. When others committed since the base, the changes are made to what is there
   * now, if nothing of what they speak of is different there. Without an effect on the newest there is no new snapshot.
   * @throws ChangeConflict; FencedError (a worker that has lost its job); RefusedError `forbidden` (no scope `write`), `conflict` (others were
   *   first too often), `too_large` (the tenant's storage is full), and those of the changes: `invalid_path`, `invalid_input`, `not_found`, `not_a_directory`, `too_large`.
   */
  async commit(order: ChangeOrder): Promise<SnapshotRecord> {
    const { principal, snapshots, codec } = this.#options;
    checkMayWrite(principal);
    const base = await this.#open(order.base);
    const open = this.#opener(order.project);
    const edits = await toEdits(order.changes, { base, codec, open });
    let head = base;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const next = await this.#next(head, edits, order);
      const isIdle = next === head.record;
      if (!isIdle && (await snapshots.commit(principal.tenant, next, this.#options.lease))) {
        await this.#options.onCommit?.(principal.tenant, next, head.record);
        return next;
      }
      const newest = await snapshots.head(principal.tenant, order.project);
      if (isIdle && newest?.number === next.number) return next;
      // Whoever was first has made a snapshot, so nobody waits for ever: each round here is another's success.
      head = await this.#open(newest);
      checkStillThere(order, head.record);
      await this.#checkConflicts(edits.touched, base, head);
    }
    throw new RefusedError(
      "conflict",
      `Others commit to ${order.project} all the time. Nothing was written. Try again in a moment.`,
    );
  }

  /** See `deleteProject`. */
  delete(project: string): Promise<SnapshotRecord | undefined> {
    return deleteProject(project, this.#options);
  }

  #open(record: SnapshotRecord | undefined): Promise<OpenRecord> {
    return openRecord(record, this.#place);
  }

  /** Opens other snapshots of a project, each once. */
  #opener(project: string): (snapshot: Snapshot) => Promise<OpenRecord> {
    const opened = new Map<number, Promise<OpenRecord>>();
    return (snapshot) => {
      if (!(snapshot instanceof StoredSnapshot) || snapshot.project !== project) {
        throw new TypeError("A copy comes from the project it goes to.");
      }
      const known = opened.get(snapshot.number) ?? this.#open(snapshot.record);
      opened.set(snapshot.number, known);
      return known;
    };
  }

  get #place() {
    return { ...this.#options, tenant: this.#options.principal.tenant };
  }

  /** The record that follows `head`, its pack stored; that of `head` when the edits change nothing. */
  async #next(
    head: OpenRecord,
    edits: Edits,
    { project, message }: ChangeOrder,
  ): Promise<SnapshotRecord> {
    const { codec, clock, principal, lease } = this.#options;
    const tree = await applyEdits(head, edits.edits, codec);
    if (!isGone(head.record) && head.record.root === tree.root.blob) return head.record;
    const wide = await addForeign(head, edits.foreign, this.#place);
    const totals = await this.#measure(wide, tree);
    const commitment = { project, head: head.record, ...totals };
    const packs = await this.#store(wide, { commitment, tree, edits });
    const [author, createdAt] = [principal.username, clock.now()];
    const number = (head.record?.number ?? 0) + 1;
    const job = lease && { job: lease.id };
    const made = { ...totals, author, message, createdAt, ...job };
    return { project, number, root: tree.root.blob, packs, ...made };
  }

  async #measure(
    { record, root, blobs }: OpenRecord,
    { removed, added, directories }: EditedTree,
  ): Promise<Pick<Extent, "files" | "bytes" | "entries">> {
    let { files, bytes } = record ?? { files: 0, bytes: 0 };
    let entries = directories;
    // A record of before entries were counted: its tree is counted once.
    if (root) entries += record?.entries ?? (await measureTree(root.blob, blobs)).entries;
    for (const entry of removed) {
      const gone = await measurePlaced(entry, blobs);
      files -= gone.files;
      bytes -= gone.bytes;
      entries -= gone.entries;
    }
    for (const { path, entry } of added) {
      const come = await measurePlaced(entry, blobs);
      checkPlace(path, come);
      files += come.files;
      bytes += come.bytes;
      entries += come.entries;
    }
    checkTotals({ files, bytes, entries });
    return { files, bytes, entries };
  }

  /** Stores what is new; the packs of the next record, newest first. */
  async #store(
    wide: WideRecord,
    { commitment, tree, edits }: NewContent,
  ): Promise<readonly PackReference[]> {
    const stored: PackReference[] = [];
    const { codec, principal, storage } = this.#options;
    const { packs, references, blobs } = wide;
    const merged = await planMerge(wide, (bytes) => storage.hasRoom(principal.tenant, bytes));
    const store = async (pack: WrittenPack) => {
      stored.unshift(await this.#storePack(commitment, pack));
    };
    const place = { codec, stored: findStored(blobs, new Set(merged.keys())) };
    await fillPacks(codec, store, async (series) => {
      for (const [blob, content] of edits.contents) {
        await addFile(series, { blob, content: await readContent(content, codec) }, place);
      }
      await addReached(series, merged, blobs);
      for (const [blob, content] of tree.trees) await series.add(blob, content, "tree");
    });
    const all = [...stored, ...references.filter((_, at) => !merged.has(packs[at] as Pack))];
    if (all.length <= MAX_SNAPSHOT_PACKS) return all;
    throw new RefusedError(
      "too_large",
      `The project would lie in over ${MAX_SNAPSHOT_PACKS} packs.`,
    );
  }

  async #storePack(
    commitment: Commitment,
    { body, indexBytes }: WrittenPack,
  ): Promise<PackReference> {
    const { principal, packs, codec, storage, caches } = this.#options;
    const reference = { id: newId("pack"), bytes: body.length, indexBytes };
    const { project } = commitment;
    await storage.admit(principal.tenant, commitment, body.length);
    await packs.put(principal.tenant, project, reference.id, body);
    if (body.length <= CACHED_BYTES) {
      const { source } = openPack(project, reference, this.#place);
      const read = async (start: number, length: number) => body.subarray(start, start + length);
      await new Pack({ ...source, read }, codec, caches).keep();
    }
    return reference;
  }

  /** @throws ChangeConflict when something that the changes speak of is not what it was. */
  async #checkConflicts(
    touched: readonly string[],
    base: OpenRecord,
    head: OpenRecord,
  ): Promise<void> {
    const [path, ...more] = await findConflicts(touched, base, head);
    if (path === undefined) return;
    const other = await this.#findFirstChange(path, base, head);
    const by = other && { author: other.author, snapshot: other.number };
    throw new ChangeConflict([{ path, ...(by && { by }) }, ...more.map((one) => ({ path: one }))]);
  }

  /** The first snapshot after the base in which a path is not what it was; undefined: it would be long to find. */
  async #findFirstChange(
    path: string,
    base: OpenRecord,
    head: OpenRecord,
  ): Promise<SnapshotRecord | undefined> {
    const { snapshots, principal } = this.#options;
    const last = head.record?.number ?? 0;
    const first = (base.record?.number ?? 0) + 1;
    if (last - first > MOST_SUSPECTS) return undefined;
    for (let number = first; number < last; number++) {
      const project = head.record?.project ?? "";
      const record = await snapshots.get(principal.tenant, project, number);
      if (!record) continue;
      const found = await findConflicts([path], base, await this.#open(record));
      if (found.length > 0) return record;
    }
    return head.record;
  }
}

/** Finds what lies in packs that stay. */
function findStored(blobs: BlobReader, going: ReadonlySet<Pack>): ChunkPlace["stored"] {
  return async (wanted) => {
    const stored = new Set<string>();
    for (const blob of wanted) {
      const place = await blobs.find(blob);
      if (place && !("chunks" in place) && !going.has(place.pack)) stored.add(blob);
    }
    return stored;
  };
}

/** A file's content may not be in a pack yet; it needs no look. */
async function measurePlaced(entry: PlacedEntry, blobs: BlobReader): Promise<Extent> {
  if (entry.kind === "directory") {
    const below = await measureEntry({ ...entry, name: "" }, blobs);
    return { ...below, entries: below.entries + 1 };
  }
  const climbs = entry.kind === "link" ? (countClimbs(entry.target) ?? 0) : 0;
  const bytes = entry.kind === "file" ? entry.bytes : 0;
  return { files: 1, bytes, entries: 1, pathBytes: 0, climbs };
}

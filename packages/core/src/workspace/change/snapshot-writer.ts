import type { Principal } from "../../access/principal.ts";
import { allows } from "../../access/scope.ts";
import { MIB } from "../../lib/bytes.ts";
import type { Clock } from "../../lib/clock.ts";
import { RefusedError } from "../../lib/error.ts";
import { newId } from "../../lib/id.ts";
import { BlobReader } from "../blob-reader.ts";
import type { Codec } from "../codec.ts";
import { MAX_SNAPSHOT_PACKS } from "../limits.ts";
import { countClimbs } from "../link-target.ts";
import { checkTotals, type Extent, measureEntry } from "../measure-tree.ts";
import { openPack, openPacks } from "../open-pack.ts";
import { Pack } from "../pack.ts";
import { PackSeries } from "../pack-series.ts";
import type { PackStore } from "../pack-store.ts";
import type { WrittenPack } from "../pack-writer.ts";
import type { ReaderCaches } from "../reader-caches.ts";
import type { PackReference, SnapshotRecord, SnapshotStore } from "../snapshot-store.ts";
import type { PackOrder, StorageAccount } from "../storage/storage-account.ts";
import { applyEdits, type EditedTree } from "./apply-edits.ts";
import { addReached, type MergePlan, planMerge } from "./compact.ts";
import type { OpenTree } from "./entry-at.ts";
import type { FileChange, PlacedEntry } from "./file-change.ts";
import { findConflicts } from "./find-conflicts.ts";
import { checkPlace, type Edits, toEdits } from "./to-edits.ts";

export interface SnapshotWriterOptions {
  readonly principal: Principal;
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly storage: StorageAccount;
  readonly caches: ReaderCaches;
  /** Told of each new snapshot, before the caller is. */
  readonly onCommit?: ((tenant: string, record: SnapshotRecord) => Promise<void>) | undefined;
}

export interface ChangeOrder {
  readonly project: string;
  /** What the changes were made from; absent: a project without files. */
  readonly base: SnapshotRecord | undefined;
  readonly changes: readonly FileChange[];
  readonly message: string;
}

/** A record's tree and the packs it lies in. */
interface OpenRecord extends OpenTree {
  readonly record: SnapshotRecord | undefined;
  readonly packs: readonly Pack[];
}

interface NewContent {
  readonly project: string;
  readonly tree: EditedTree;
  readonly contents: ReadonlyMap<string, Uint8Array>;
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
   * now, if nothing of what they speak of is different there. Without an effect there is no new snapshot.
   * @throws RefusedError `forbidden` (no scope `write`), `conflict` (names the first other change; or others were
   *   first too often), and those of the changes themselves: `invalid_path`, `invalid_input`, `not_found`, `not_a_directory`, `too_large` (also: the tenant's storage is full).
   */
  async commit(order: ChangeOrder): Promise<SnapshotRecord> {
    const { principal, snapshots } = this.#options;
    if (!allows(principal.scopes, "write")) {
      throw new RefusedError("forbidden", "To change files, sign in with the scope zenode/write.");
    }
    const base = await this.#open(order.base);
    const edits = await toEdits(order.changes, base, this.#options.codec);
    let head = base;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const next = await this.#next(head, edits, order);
      if (next === head.record) return next;
      if (await snapshots.commit(principal.tenant, next)) {
        await this.#options.onCommit?.(principal.tenant, next);
        return next;
      }
      // Whoever was first has made a snapshot, so nobody waits for ever: each round here is another's success.
      head = await this.#open(await snapshots.head(principal.tenant, order.project));
      await this.#checkConflicts(edits.touched, base, head);
    }
    throw new RefusedError(
      "conflict",
      `Others commit to ${order.project} all the time. Nothing was written. Try again in a moment.`,
    );
  }

  async #open(record: SnapshotRecord | undefined): Promise<OpenRecord> {
    const { codec, caches, principal } = this.#options;
    const packs = record ? openPacks(record, this.#place) : [];
    const blobs = new BlobReader({ tenant: principal.tenant, packs, codec, caches });
    if (!record) return { record, packs, blobs, root: undefined };
    const place = await blobs.find(record.root);
    if (!place) throw new RefusedError("corrupt", `Snapshot ${record.number} has no root tree.`);
    return { record, packs, blobs, root: { blob: record.root, bytes: place.bytes } };
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
    const { codec, clock, principal } = this.#options;
    const tree = await applyEdits(head, edits.edits, codec);
    if (head.record?.root === tree.root.blob) return head.record;
    const totals = await this.#measure(head, tree);
    const packs = await this.#store(head, { project, tree, contents: edits.contents });
    const [author, createdAt] = [principal.username, clock.now()];
    const number = (head.record?.number ?? 0) + 1;
    return { project, number, root: tree.root.blob, packs, ...totals, author, message, createdAt };
  }

  async #measure(
    { record, blobs }: OpenRecord,
    { removed, added }: EditedTree,
  ): Promise<{ readonly files: number; readonly bytes: number }> {
    let { files, bytes } = record ?? { files: 0, bytes: 0 };
    for (const entry of removed) {
      const gone = await measurePlaced(entry, blobs);
      files -= gone.files;
      bytes -= gone.bytes;
    }
    for (const { path, entry } of added) {
      const come = await measurePlaced(entry, blobs);
      checkPlace(path, come);
      files += come.files;
      bytes += come.bytes;
    }
    checkTotals({ files, bytes });
    return { files, bytes };
  }

  /** Stores what is new; the packs of the next record, newest first. */
  async #store(
    { record, root, blobs, packs }: OpenRecord,
    { project, tree, contents }: NewContent,
  ): Promise<readonly PackReference[]> {
    const stored: PackReference[] = [];
    const series = new PackSeries(this.#options.codec, async (pack) => {
      stored.unshift(await this.#storePack({ project, head: record }, pack));
    });
    for (const [blob, content] of contents) await series.add(blob, content, "file");
    const { bytes = 0, packs: old = [] } = record ?? {};
    const merged: MergePlan = root ? await planMerge({ root, blobs, packs, bytes }) : new Map();
    await addReached(series, merged, blobs);
    for (const [blob, content] of tree.trees) await series.add(blob, content, "tree");
    await series.end();
    const all = [...stored, ...old.filter((_, at) => !merged.has(packs[at] as Pack))];
    if (all.length <= MAX_SNAPSHOT_PACKS) return all;
    throw new RefusedError(
      "too_large",
      `The project would lie in over ${MAX_SNAPSHOT_PACKS} packs.`,
    );
  }

  async #storePack(
    { project, head }: Omit<PackOrder, "bytes">,
    { body, indexBytes }: WrittenPack,
  ): Promise<PackReference> {
    const { principal, packs, codec, storage, caches } = this.#options;
    const reference = { id: newId("pack"), bytes: body.length, indexBytes };
    await storage.admit(principal.tenant, { project, head, bytes: body.length });
    await packs.put(principal.tenant, project, reference.id, body);
    if (body.length <= CACHED_BYTES) {
      const { source } = openPack(project, reference, this.#place);
      const read = async (start: number, length: number) => body.subarray(start, start + length);
      await new Pack({ ...source, read }, codec, caches).keep();
    }
    return reference;
  }

  /** @throws RefusedError `conflict` when something that the changes speak of is not what it was. */
  async #checkConflicts(
    touched: readonly string[],
    base: OpenRecord,
    head: OpenRecord,
  ): Promise<void> {
    const [path] = await findConflicts(touched, base, head);
    if (path === undefined) return;
    const other = await this.#findFirstChange(path, base, head);
    const who = other ? `by ${other.author} in snapshot ${other.number}` : "meanwhile";
    throw new RefusedError(
      "conflict",
      `${path} was changed ${who}. Nothing was written. Read it again, then repeat the change.`,
    );
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

/** A file's content may not be in a pack yet; it needs no look. */
async function measurePlaced(
  entry: PlacedEntry,
  blobs: BlobReader,
): Promise<Pick<Extent, "files" | "bytes" | "pathBytes" | "climbs">> {
  if (entry.kind === "directory") return measureEntry({ ...entry, name: "" }, blobs);
  const climbs = entry.kind === "link" ? (countClimbs(entry.target) ?? 0) : 0;
  return { files: 1, bytes: entry.kind === "file" ? entry.bytes : 0, pathBytes: 0, climbs };
}

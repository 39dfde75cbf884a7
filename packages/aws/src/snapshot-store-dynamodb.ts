import {
  FencedError,
  isId,
  type Lease,
  type PackReference,
  RefusedError,
  type SnapshotPage,
  type SnapshotRecord,
  type SnapshotStore,
} from "@zenode/core";
import type { DynamoTable, Page } from "./dynamo-table.ts";
import { checkHeld } from "./held-job.ts";
import { checkProject, type ItemKey, numberKey, partition } from "./key.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

const LEAST_PAGE = 25;

/**
 * Two items per commit, written in one transaction: the record under its number, which stays, and
 * the head, a copy of it in the tenant's own partition. So a head is one read and all heads are one query.
 */
export class DynamoSnapshotStore implements SnapshotStore {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async head(tenant: string, project: string): Promise<SnapshotRecord | undefined> {
    const item = await this.#table.get(headKey(tenant, project));
    return item && parseRecord(item);
  }

  async get(tenant: string, project: string, number: number): Promise<SnapshotRecord | undefined> {
    const item = await this.#table.get(recordKey(tenant, project, number));
    return item && !isForgotten(item) ? parseRecord(item) : undefined;
  }

  async list(
    tenant: string,
    project: string,
    { before, limit }: SnapshotPage,
  ): Promise<readonly SnapshotRecord[]> {
    const records: SnapshotRecord[] = [];
    const below = before === undefined ? {} : toRange(before);
    let page: Page | undefined;
    do {
      page = await this.#table.query({
        pk: recordsOf(tenant, project),
        ...below,
        descending: true,
        // Forgotten ones count in a page: of a few missing records not each is to take a request.
        limit: page ? Math.max(limit - records.length, LEAST_PAGE) : limit,
        start: page?.next,
      });
      records.push(...page.items.filter((item) => !isForgotten(item)).map(parseRecord));
    } while (page.next && records.length < limit);
    return records.slice(0, limit);
  }

  async heads(tenant: string): Promise<readonly SnapshotRecord[]> {
    const records: SnapshotRecord[] = [];
    let page: Page | undefined;
    do {
      page = await this.#table.query({ pk: partition(tenant, "P"), start: page?.next });
      records.push(...page.items.map(parseRecord));
    } while (page.next);
    return records;
  }

  async commit(tenant: string, record: SnapshotRecord, lease?: Lease): Promise<boolean> {
    const stored = toAttributes(record);
    const refusals = await this.#table.transact([
      {
        item: { ...headKey(tenant, record.project), ...stored },
        ...(record.number === 1
          ? { when: "attribute_not_exists(#pk)" }
          : { when: "#number = :base", values: { base: record.number - 1 } }),
      },
      {
        item: { ...recordKey(tenant, record.project, record.number), ...stored },
        when: "attribute_not_exists(#pk)",
      },
      ...(lease ? [checkHeld(lease)] : []),
    ]);
    if (!refusals) return true;
    const held = refusals[1]?.held;
    // It was written, by this call's earlier try: whose the job is now does not matter.
    if (held && JSON.stringify(parseRecord(held)) === JSON.stringify(parseRecord(stored))) {
      return true;
    }
    if (refusals[2]?.refused) throw new FencedError("The job is another worker's by now.");
    return false;
  }
}

function headKey(tenant: string, project: string): ItemKey {
  return { pk: partition(tenant, "P"), sk: checkProject(project) };
}

export function recordsOf(tenant: string, project: string): string {
  return partition(tenant, "P", checkProject(project));
}

export function recordKey(tenant: string, project: string, number: number): ItemKey {
  return { pk: recordsOf(tenant, project), sk: numberKey(number) };
}

function toRange(before: number) {
  return { range: "#sk < :before", values: { before: numberKey(before) } };
}

function toAttributes(record: SnapshotRecord) {
  return {
    project: record.project,
    number: record.number,
    root: record.root,
    packs: JSON.stringify(record.packs),
    files: record.files,
    bytes: record.bytes,
    ...(record.entries !== undefined && { entries: record.entries }),
    author: record.author,
    message: record.message,
    createdAt: record.createdAt,
    ...(record.deleted && { deleted: true }),
    ...(record.job !== undefined && { job: record.job }),
  };
}

/** The collector keeps a forgotten record for a while, for what it names; see `SnapshotArchive`. */
function isForgotten(attributes: Attributes): boolean {
  return attributes.forgottenAt !== undefined;
}

/** @throws RefusedError `corrupt`. */
export function parseRecord(attributes: Attributes): SnapshotRecord {
  const item = new StoredItem("snapshot", attributes);
  const entries = item.optionalNumber("entries");
  return {
    project: item.text("project"),
    number: item.number("number"),
    root: item.text("root"),
    packs: parsePacks(item),
    files: item.number("files"),
    bytes: item.number("bytes"),
    ...(entries !== undefined && { entries }),
    author: item.text("author"),
    message: item.text("message"),
    createdAt: item.number("createdAt"),
    ...(item.optionalFlag("deleted") && { deleted: true }),
    ...parseJob(item.optionalText("job")),
  };
}

function parseJob(id: string | undefined): Pick<SnapshotRecord, "job"> {
  if (id === undefined) return {};
  if (isId("task", id)) return { job: id };
  throw new RefusedError("corrupt", "A stored snapshot has no valid job.");
}

function parsePacks(item: StoredItem): readonly PackReference[] {
  const packs = item.json("packs");
  if (!Array.isArray(packs) || !packs.every(isPackReference)) {
    throw new RefusedError("corrupt", "A stored snapshot has no valid packs.");
  }
  return packs;
}

function isPackReference(value: unknown): value is PackReference {
  if (typeof value !== "object" || value === null) return false;
  const { id, bytes, indexBytes } = value as Partial<Record<string, unknown>>;
  return typeof id === "string" && typeof bytes === "number" && typeof indexBytes === "number";
}

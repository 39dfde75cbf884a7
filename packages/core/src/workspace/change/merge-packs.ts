import { RefusedError } from "../../lib/error.ts";
import { newId } from "../../lib/id.ts";
import type { Codec } from "../codec.ts";
import type { Pack } from "../pack.ts";
import { fillPacks } from "../pack-series.ts";
import type { PackStore } from "../pack-store.ts";
import type { WrittenPack } from "../pack-writer.ts";
import type { PackReference } from "../snapshot-store.ts";
import type { Commitment, StorageAccount } from "../storage/storage-account.ts";
import { addReached, type MergeSource, planMerge } from "./compact.ts";

export interface MergePorts {
  readonly packs: PackStore;
  readonly codec: Codec;
  readonly storage: StorageAccount;
}

/** What a push makes packs for. */
export interface PushPlace {
  readonly tenant: string;
  readonly commitment: Commitment;
}

/** Packs that were written anew, and the new ones, newest first. */
export interface Merge {
  readonly packs: ReadonlySet<Pack>;
  readonly stored: readonly PackReference[];
}

/**
 * Writes packs of a push anew that are too small or mostly garbage. What can't be read stays as it is: it is no reason
 * to refuse a push, which may be the one that mends it.
 * @throws RefusedError `too_large`: the tenant's storage is full.
 */
export async function mergePacks(
  { packs, codec, storage }: MergePorts,
  { tenant, commitment }: PushPlace,
  source: MergeSource,
): Promise<Merge> {
  const stored: PackReference[] = [];
  const store = async ({ body, indexBytes }: WrittenPack) => {
    const reference = { id: newId("pack"), bytes: body.length, indexBytes };
    await storage.admit(tenant, commitment, body.length);
    await packs.put(tenant, commitment.project, reference.id, body);
    stored.unshift(reference);
  };
  try {
    const plan = await planMerge(source, (bytes) => storage.hasRoom(tenant, bytes));
    await fillPacks(codec, store, (series) => addReached(series, plan, source.blobs));
    return { stored, packs: new Set(plan.keys()) };
  } catch (cause) {
    if (!(cause instanceof RefusedError) || cause.code !== "corrupt") throw cause;
    return { stored: [], packs: new Set() };
  }
}

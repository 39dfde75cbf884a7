/** A pack's object in the bucket. */
export interface StoredPack {
  readonly id: string;
  readonly bytes: number;
  /** When it was last written: put, or copied from an upload. Milliseconds since the epoch. */
  readonly storedAt: number;
}

/** A project's packs as the collector sees and removes them; its other side is the `PackStore`. */
export interface PackInventory {
  /** All packs of a project, page by page (S3: 1,000), in no promised order. */
  list(tenant: string, project: string): AsyncIterable<readonly StoredPack[]>;
  /** Removes packs, up to a page of them; repeatable. @throws UnavailableError when some are still there. */
  remove(tenant: string, project: string, ids: readonly string[]): Promise<void>;
}

/** What a project's packs take up, as it was counted when they were stored and collected. */
export interface ProjectUsage {
  readonly project: string;
  readonly bytes: number;
  /** When something was last added. Milliseconds since the epoch. */
  readonly addedAt: number;
  /** Records of snapshots that are gone: of the numbers up to the head's the others are kept. */
  readonly erased: number;
}

/** What the collector has found. */
export type CollectedUsage = Pick<ProjectUsage, "bytes" | "erased">;

/** Counts of what a tenant stores. */
export interface UsageStore {
  /** Adds before bytes are stored; concurrent adds add up. */
  add(tenant: string, project: string, bytes: number, now: number): Promise<void>;
  /** Takes back what was added in vain. */
  subtract(tenant: string, project: string, bytes: number): Promise<void>;
  /** Takes off the bytes that were collected, and sets how many records are gone; nothing where there is no count. */
  collected(tenant: string, project: string, found: CollectedUsage): Promise<void>;
  /** Of all projects; strongly consistent. */
  list(tenant: string): Promise<readonly ProjectUsage[]>;
  /** Sets what was found, if bytes and time are still those of `seen`; nothing of both: there is no count any more. */
  correct(tenant: string, seen: ProjectUsage, found: CollectedUsage): Promise<void>;
  /** Adds to the bytes of one day's uploads (days since the epoch, UTC), kept for two more. False: they would be over `most`. */
  addUpload(tenant: string, day: number, bytes: number, most: number): Promise<boolean>;
}

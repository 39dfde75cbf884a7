/** What a project's packs take up, as it was counted when they were stored and collected. */
export interface ProjectUsage {
  readonly project: string;
  readonly bytes: number;
  /** When something was last added. Milliseconds since the epoch. */
  readonly addedAt: number;
}

/** Counts of what a tenant stores. */
export interface UsageStore {
  /** Adds before bytes are stored; concurrent adds add up. */
  add(tenant: string, project: string, bytes: number, now: number): Promise<void>;
  /** Takes back what was added in vain, or was collected. */
  subtract(tenant: string, project: string, bytes: number): Promise<void>;
  /** Of all projects; strongly consistent. */
  list(tenant: string): Promise<readonly ProjectUsage[]>;
  /** Sets what was found in the bucket, if the count is still `seen`; 0 bytes: there is no count any more. */
  correct(tenant: string, seen: ProjectUsage, bytes: number): Promise<void>;
  /** Adds to the bytes of one day's uploads (days since the epoch, UTC), kept for two more. False: they would be over `most`. */
  addUpload(tenant: string, day: number, bytes: number, most: number): Promise<boolean>;
}

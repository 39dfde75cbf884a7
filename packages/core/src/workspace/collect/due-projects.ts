/** A project that the collector is to look at. */
export interface DueProject {
  readonly tenant: string;
  readonly project: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  /** When a day's first commit last noted it. */
  readonly notedAt: number;
}

/** The projects of all tenants that have, or will have, something to collect. */
export interface DueProjects {
  /** Notes a project before something is stored for it; when it is noted already, `dueAt` stays as it is. */
  note(tenant: string, project: string, now: number, dueAt: number): Promise<void>;
  /** Projects with `dueAt` not after `now`, page by page. */
  due(now: number): AsyncIterable<readonly DueProject[]>;
  /**
   * Takes a project until `dueAt`, when it is due again if it was not settled. Undefined: somebody else has taken it.
   */
  claim(seen: DueProject, dueAt: number): Promise<DueProject | undefined>;
  /** Ends a claim: due again later. Nothing happens when the claim was over and somebody else has it. */
  postpone(claimed: DueProject, dueAt: number): Promise<void>;
  /** Ends a claim: nothing to look at any more, unless it was noted since. Then it is due when the claim ends. */
  drop(claimed: DueProject): Promise<void>;
}

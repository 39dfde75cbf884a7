import {
  ChangeConflict,
  describeConflict,
  type FileChange,
  type FolderChanges,
  type PathConflict,
  RefusedError,
  type Snapshot,
  type ToolContext,
} from "@zenode/core";
import { boundPaths } from "../project/bound-lists.ts";
import type { Report } from "./report.ts";

export interface CommitOrder {
  readonly changes: FolderChanges;
  readonly message: string;
  /** The project that an earlier run kept conflicting files in. */
  readonly keptIn?: string;
}

export type CommitOutcome = Pick<Report, "committed" | "conflicts" | "kept_in" | "not_committed">;

/** Each is lost to a commit of others that changed the same files. */
const MOST_ROUNDS = 8;

/**
 * Commits what a command changed. Files that others changed meanwhile are kept in a project of their own, so that
 * nothing is lost, and the rest is committed. Before each commit `keep` is told what will be true if it is made.
 */
export async function commitChanges(
  context: Pick<ToolContext, "projects">,
  order: CommitOrder,
  keep: (sofar: CommitOutcome) => Promise<void>,
): Promise<CommitOutcome> {
  const commit = new Commit(context.projects, order, keep);
  try {
    return await commit.run();
  } catch (cause) {
    // Its output is worth telling, whatever became of the files.
    if (cause instanceof RefusedError) return { ...commit.sofar, not_committed: cause.message };
    throw cause;
  }
}

class Commit {
  readonly #projects: ToolContext["projects"];
  readonly #order: CommitOrder;
  readonly #keep: (sofar: CommitOutcome) => Promise<void>;
  readonly #conflicts: PathConflict[] = [];
  #keptIn: string | undefined;

  constructor(
    projects: ToolContext["projects"],
    order: CommitOrder,
    keep: (sofar: CommitOutcome) => Promise<void>,
  ) {
    this.#projects = projects;
    this.#order = order;
    this.#keep = keep;
  }

  get sofar(): CommitOutcome {
    const conflicts = boundPaths(this.#conflicts.map(describeConflict));
    return { conflicts, ...(this.#keptIn !== undefined && { kept_in: this.#keptIn }) };
  }

  async run(): Promise<CommitOutcome> {
    const { changes, message } = this.#order;
    let left = changes.changes;
    for (let round = 0; left.length > 0 && round < MOST_ROUNDS; round += 1) {
      await this.#keep(this.sofar);
      const made = await this.#projects.change(changes.base, left, message).catch(toConflict);
      if (!(made instanceof ChangeConflict)) return { ...this.sofar, committed: made.number };
      this.#conflicts.push(...made.conflicts);
      const lost = new Set(made.conflicts.map(({ path }) => path));
      await this.#keepFiles(left.filter(({ path, kind }) => lost.has(path) && kind !== "absent"));
      left = left.filter(({ path }) => !lost.has(path));
    }
    if (left.length === 0) return this.sofar;
    return { ...this.sofar, not_committed: "Others commit to the same files all the time." };
  }

  /** Repeatable: the same files again are no new snapshot. */
  async #keepFiles(files: readonly FileChange[]): Promise<void> {
    if (files.length === 0) return;
    const { changes, message, keptIn } = this.#order;
    const name = this.#keptIn ?? keptIn ?? nameFor(changes.base);
    this.#keptIn = name;
    // Another run is to find the project that this one may have made.
    await this.#keep(this.sofar);
    const names = await this.#projects.names();
    const isThere = names.includes(name);
    const base = isThere ? await this.#projects.open(name) : await this.#projects.create(name);
    await this.#projects.change(base, files, message);
  }
}

function toConflict(cause: unknown): ChangeConflict {
  if (cause instanceof ChangeConflict) return cause;
  throw cause;
}

/** A name that nobody has. */
function nameFor({ project }: Snapshot): string {
  return `${project.slice(0, 48)}-kept-${crypto.randomUUID().slice(0, 8)}`;
}

import type { Job } from "./job.ts";

/** Children of children are the last. */
const MAX_DEPTH = 2;

/** How deep a job's children lie below a client's call. */
export function childDepth({ parent }: Pick<Job, "parent">): number {
  return (parent?.depth ?? 0) + 1;
}

export function mayHaveChildren(job: Pick<Job, "parent">): boolean {
  return childDepth(job) <= MAX_DEPTH;
}

import { RefusedError } from "../../lib/error.ts";
import { isGone, type SnapshotRecord } from "../snapshot-store.ts";
import { encodeTree } from "../tree.ts";
import type { SnapshotWriterOptions } from "./snapshot-writer.ts";
import { checkMayWrite } from "./write-checks.ts";

/** Each lost round is another's commit. */
const MOST_ROUNDS = 40;

/**
 * Deletes what there is: the next snapshot says so, and has no files. One conditional write, so that of two who
 * delete a project one does, and numbers go on where they were when it is made again.
 * @throws RefusedError `forbidden`, `conflict` (others commit all the time); undefined: there is no such project.
 */
export async function deleteProject(
  project: string,
  { principal, snapshots, codec, clock, storage, onCommit }: SnapshotWriterOptions,
): Promise<SnapshotRecord | undefined> {
  checkMayWrite(principal);
  const { tenant, username: author } = principal;
  const root = codec.sha256(encodeTree([]));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const head = await snapshots.head(tenant, project);
    if (isGone(head)) return undefined;
    const record = {
      ...{ project, number: head.number + 1, root, packs: [], files: 0, bytes: 0 },
      ...{ author, message: "delete", createdAt: clock.now(), deleted: true as const },
    };
    await storage.announce(tenant, { project, head });
    if (!(await snapshots.commit(tenant, record))) continue;
    await onCommit?.(tenant, record, head);
    return record;
  }
  throw new RefusedError(
    "conflict",
    `Others commit to ${project} all the time. It was not deleted. Try again in a moment.`,
  );
}

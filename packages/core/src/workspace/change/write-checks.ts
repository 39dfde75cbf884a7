import type { Principal } from "../../access/principal.ts";
import { allows } from "../../access/scope.ts";
import { RefusedError } from "../../lib/error.ts";
import { isGone, type SnapshotRecord } from "../snapshot-store.ts";

/** @throws RefusedError `forbidden`. */
export function checkMayWrite({ scopes }: Principal): void {
  if (allows(scopes, "write")) return;
  throw new RefusedError("forbidden", "To change files, sign in with the scope zenode/write.");
}

/** @throws RefusedError `conflict`: the project was deleted meanwhile, or made by somebody else. */
export function checkStillThere(
  { project, base }: { readonly project: string; readonly base: SnapshotRecord | undefined },
  head: SnapshotRecord | undefined,
): void {
  if (isGone(base) === isGone(head)) return;
  const who = head && `${head.author} in snapshot ${head.number}`;
  throw new RefusedError(
    "conflict",
    isGone(head)
      ? `${project} was deleted by ${who}. Nothing was written.`
      : `There is a project ${project} already, made by ${who}.`,
  );
}

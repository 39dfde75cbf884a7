import { isGone, type OnCommit } from "../workspace/snapshot-store.ts";
import type { ChangeBus } from "./change-bus.ts";

/**
 * Tells those who listen of each new snapshot. It is there, whether they hear of it or not: a failure is
 * reported, the commit has not failed.
 */
export function announceCommits(
  changes: ChangeBus,
  report: (cause: unknown, details: { readonly tenant: string; readonly project: string }) => void,
): OnCommit {
  return async (tenant, record, before) => {
    const { project } = record;
    try {
      await changes.publish(tenant, { kind: "project", project });
      if (isGone(before) || isGone(record)) await changes.publish(tenant, { kind: "resources" });
    } catch (cause) {
      report(cause, { tenant, project });
    }
  };
}

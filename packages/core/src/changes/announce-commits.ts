import type { SnapshotRecord } from "../workspace/snapshot-store.ts";
import type { ChangeBus } from "./change-bus.ts";

/**
 * Tells those who listen of each new snapshot. It is there, whether they hear of it or not: a failure is
 * reported, the commit has not failed.
 */
export function announceCommits(
  changes: ChangeBus,
  report: (cause: unknown, details: { readonly tenant: string; readonly project: string }) => void,
): (tenant: string, record: SnapshotRecord) => Promise<void> {
  return async (tenant, { project, number }) => {
    try {
      await changes.publish(tenant, { kind: "project", project });
      if (number === 1) await changes.publish(tenant, { kind: "resources" });
    } catch (cause) {
      report(cause, { tenant, project });
    }
  };
}

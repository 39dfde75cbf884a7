import { MINUTE } from "../../lib/duration.ts";
import type { Logger } from "../../lib/logger.ts";
import { readAhead } from "../read-ahead.ts";
import { type Collected, type CollectPorts, collectProject } from "./collect-project.ts";
import type { DueProject, DueProjects } from "./due-projects.ts";
import { LONGEST_CALL_MS } from "./retention-policy.ts";

export interface SweepPorts extends CollectPorts {
  readonly due: DueProjects;
  readonly logger: Logger;
}

/** What a sweep did, for its one log line. */
export interface SweepReport extends Omit<Collected, "isUnfinished"> {
  /** Projects looked at, those that failed (each is logged), and those that there was no time for. */
  readonly projects: number;
  readonly failed: number;
  readonly left: number;
}

/** Longer than one sweep may take (Lambda's 15 minutes): a project is collected by one at a time, and its bytes counted once. */
const CLAIM_MS = 20 * MINUTE;
const AT_ONCE = 4;

const NOTHING: SweepReport = {
  ...{ projects: 0, failed: 0, left: 0, forgotten: 0, erased: 0 },
  ...{ deletedPacks: 0, freedBytes: 0, keptPacks: 0, keptBytes: 0 },
};

/** Collects every project that is due, and begins with none after `until`; those are due at the next sweep. */
export async function sweep(ports: SweepPorts, until: number): Promise<SweepReport> {
  let report = NOTHING;
  for await (const page of ports.due.due(ports.clock.now())) {
    const looks = readAhead(page, { items: AT_ONCE }, (project) => look(ports, project, until));
    for await (const part of looks) report = add(report, part);
  }
  return report;
}

async function look(
  ports: SweepPorts,
  seen: DueProject,
  until: number,
): Promise<Partial<SweepReport>> {
  const { due, clock, logger } = ports;
  const now = clock.now();
  if (now >= until) return { left: 1 };
  try {
    const claimed = await due.claim(seen, now + CLAIM_MS);
    if (!claimed) return {};
    const { isUnfinished, ...collected }: Collected = await collectProject(ports, claimed);
    // Commits of the day that it was noted for may still come, and note nothing.
    const isQuiet = now - claimed.notedAt >= LONGEST_CALL_MS;
    if (isUnfinished || !isQuiet) await due.postpone(claimed, now + LONGEST_CALL_MS);
    else await due.drop(claimed);
    return { projects: 1, ...collected };
  } catch (cause) {
    // The others' garbage is not to wait for it; its claim ends by itself.
    const { tenant, project } = seen;
    logger.error("project not collected", cause, { tenant, project });
    return { failed: 1 };
  }
}

function add(sum: SweepReport, part: Partial<SweepReport>): SweepReport {
  const names = Object.keys(NOTHING) as (keyof SweepReport)[];
  return Object.fromEntries(
    names.map((name) => [name, sum[name] + (part[name] ?? 0)]),
  ) as unknown as SweepReport;
}

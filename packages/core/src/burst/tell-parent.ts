import { appendAtEnd } from "../log/append-at-end.ts";
import type { EventLog } from "../log/event-log.ts";
import { childrenStream, type Job } from "./job.ts";

/** Tells an ended child's parent; nothing for other jobs. Repeatable. */
export async function tellParent(log: EventLog, child: Job): Promise<void> {
  if (!child.parent) return;
  await appendAtEnd(log, childrenStream(child.parent.id, child), {
    writer: child.id,
    events: [{ kind: "ended", data: { id: child.id } }],
    from: child.parent.after + 1,
  });
}

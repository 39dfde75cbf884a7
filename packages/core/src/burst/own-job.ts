import type { Principal } from "../access/principal.ts";
import { isId } from "../lib/id.ts";
import type { CallService } from "./call-service.ts";
import type { Job } from "./job.ts";

/** The caller's own job; unknown, expired, somebody else's and another job's child are all the same. */
export async function findOwnJob(
  calls: Pick<CallService, "job">,
  principal: Principal,
  taskId: string,
): Promise<Job | undefined> {
  if (!isId("task", taskId)) return undefined;
  const job = await calls.job(principal.tenant, taskId);
  return job && isOwn(job, principal) ? job : undefined;
}

export function isOwn(
  job: Job,
  { tenant, subject }: Pick<Principal, "tenant" | "subject">,
): boolean {
  return !job.parent && job.principal.tenant === tenant && job.principal.subject === subject;
}

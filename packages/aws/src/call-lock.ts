import { isId, type Job, type JobId, RefusedError } from "@zenode/core";
import { callLockKey } from "./job-item.ts";
import { toTtl } from "./key.ts";
import type { Attributes } from "./stored-item.ts";
import type { TransactionPut } from "./transaction-part.ts";

/** Takes a call that is free, held by a job whose time is over, or by the job that is known to have ended. */
export function toCallLock(job: Job, ended: string, now: number): TransactionPut {
  return {
    item: {
      ...callLockKey(job.principal.tenant, job.callKey),
      job: job.id,
      expiresAt: toTtl(job.expiresAt),
    },
    when: "attribute_not_exists(#pk) OR #expiresAt <= :now OR #job = :ended",
    values: { now: Math.floor(now / 1000), ended },
  };
}

/** The job that a stored lock names. @throws RefusedError `corrupt`. */
export function lockHolder({ job }: Attributes): JobId {
  if (typeof job === "string" && isId("task", job)) return job;
  throw new RefusedError("corrupt", "A stored call names no job.");
}

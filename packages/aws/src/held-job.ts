import type { Lease } from "@zenode/core";
import { HELD_STATES, IS_HELD } from "./job-canceller.ts";
import { jobKey } from "./job-item.ts";
import type { TransactionCheck } from "./transaction-part.ts";

/** A part of a transaction that writes nothing: the rest is written only while a job is held under this very lease. */
export function checkHeld({ tenant, id, fence }: Lease): TransactionCheck {
  return {
    check: jobKey(tenant, id),
    when: `${IS_HELD} AND #fence = :fence`,
    values: { ...HELD_STATES, fence },
  };
}

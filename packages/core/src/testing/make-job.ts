import type { Principal } from "../access/principal.ts";
import type { Job } from "../burst/job.ts";
import { HOUR } from "../lib/duration.ts";
import { newId } from "../lib/id.ts";
import { makePrincipal } from "./workspace-memory.ts";

/** A queued job of a small call, that ends an hour after it was made. */
export function makeJob(
  change: Partial<Job> = {},
  owner: Partial<Principal> = {},
  now = Date.now(),
): Job {
  return {
    id: newId("task"),
    principal: makePrincipal({ expiresAt: now + HOUR, ...owner }),
    tool: "workspace_report",
    input: { project: "demo" },
    callKey: crypto.randomUUID(),
    state: "queued",
    fence: 0,
    attempts: 0,
    leaseUntil: 0,
    cancelRequested: false,
    asks: [],
    inputs: [],
    createdAt: now,
    updatedAt: now,
    expiresAt: now + HOUR,
    ...change,
  };
}

import { type Job, newId } from "@zenode/core";

const HOUR = 3_600_000;

/** A queued job of a small call, that ends in an hour. */
export function newJob(change: Partial<Job> = {}): Job {
  const now = Date.now();
  return {
    id: newId("task"),
    principal: {
      tenant: "t-acme",
      subject: "ada",
      username: "ada",
      clientId: "client-1",
      issuer: "https://issuer.example/pool",
      scopes: new Set(["read"] as const),
      expiresAt: now + HOUR,
    },
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

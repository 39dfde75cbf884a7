import {
  INPUT_KINDS,
  isId,
  isTerminal,
  type Job,
  type JobId,
  type JobInput,
  type JobOutcome,
  type JobParent,
  type JobState,
  type Json,
  type Principal,
  RefusedError,
  SCOPES,
  toCheckpointText,
  type WorkerSize,
} from "@zenode/core";
import { type ItemKey, partition, toTtl } from "./key.ts";
import { parseJson, type StoredItem } from "./stored-item.ts";

export function jobKey(tenant: string, id: JobId): ItemKey {
  return { pk: partition(tenant, "J", checkJobId(id)), sk: "job" };
}

/** Arguments that would make each later write of the job's item dear lie beside it. */
export function inputKey(tenant: string, id: JobId): ItemKey {
  return { pk: partition(tenant, "J", checkJobId(id)), sk: "input" };
}

/** Who runs a call now: at most one job per call. */
export function callLockKey(tenant: string, callKey: string): ItemKey {
  return { pk: partition(tenant, "C", callKey), sk: "call" };
}

/** Where the ids of a job's children lie: not beside the job, whose reads would pay for them. */
export function childrenPartition(tenant: string, parent: JobId): string {
  return partition(tenant, "K", checkJobId(parent));
}

function checkJobId(id: string): JobId {
  if (isId("task", id)) return id;
  throw new RefusedError("invalid_input", "This is no task id.");
}

/** A new job's attributes, without its input. */
export function toJobItem(job: Job) {
  return {
    ...jobKey(job.principal.tenant, job.id),
    tool: job.tool,
    callKey: job.callKey,
    basis: job.basis,
    principal: JSON.stringify({ ...job.principal, scopes: [...job.principal.scopes] }),
    state: job.state,
    fence: job.fence,
    attempts: job.attempts,
    leaseUntil: job.leaseUntil,
    cancelRequested: job.cancelRequested,
    asks: job.asks.length > 0 ? new Set(job.asks) : undefined,
    inputs: job.inputs.length > 0 ? JSON.stringify(job.inputs) : undefined,
    checkpoint: job.checkpoint === undefined ? undefined : toCheckpointText(job.checkpoint),
    attemptsAtProgress: job.attemptsAtProgress,
    parks: job.parks,
    ...(job.size && { size: JSON.stringify(job.size) }),
    parent: job.parent && JSON.stringify(job.parent),
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    expiresAtMs: job.expiresAt,
    expiresAt: toTtl(job.expiresAt),
  };
}

/** What of a job lies outside its item's plain attributes. */
export interface JobDocuments {
  readonly input: Json;
  readonly outcome?: Json;
}

/** @throws RefusedError `corrupt`. */
export function parseJob(item: StoredItem, { input, outcome }: JobDocuments): Job {
  const statusMessage = item.optionalText("statusMessage");
  const worker = item.optionalText("worker");
  const checkpoint = item.optionalText("checkpoint");
  const attemptsAtProgress = item.optionalNumber("attemptsAtProgress");
  const parks = item.optionalNumber("parks");
  const parent = item.optionalText("parent");
  const basis = item.optionalText("basis");
  const awaitedUntil = item.optionalNumber("awaitedUntil");
  return {
    id: parseJobId(item.text("pk")),
    principal: parsePrincipal(item.text("principal")),
    tool: item.text("tool"),
    input,
    callKey: item.text("callKey"),
    ...(basis !== undefined && { basis }),
    state: parseState(item.text("state")),
    fence: item.number("fence"),
    attempts: item.number("attempts"),
    leaseUntil: item.number("leaseUntil"),
    cancelRequested: item.flag("cancelRequested"),
    createdAt: item.number("createdAt"),
    updatedAt: item.number("updatedAt"),
    expiresAt: item.number("expiresAtMs"),
    ...(worker !== undefined && { worker }),
    ...(checkpoint && { checkpoint: parseJson("job.checkpoint", checkpoint) }),
    ...(attemptsAtProgress !== undefined && { attemptsAtProgress }),
    ...(parks !== undefined && { parks }),
    ...(parent !== undefined && { parent: parseParent(parent) }),
    ...(awaitedUntil !== undefined && { awaitedUntil }),
    asks: INPUT_KINDS.filter((kind) => item.textSet("asks").includes(kind)),
    inputs: parseInputs(item),
    ...parseSize(item),
    ...(statusMessage !== undefined && { statusMessage }),
    ...(outcome !== undefined && { outcome: parseOutcome(outcome) }),
  };
}

function parseJobId(pk: string): JobId {
  const id = pk.slice(pk.lastIndexOf("#") + 1);
  return isId("task", id) ? id : corrupt("id");
}

function parseState(text: string): JobState {
  const state = text as JobState;
  const known =
    isTerminal(state) ||
    state === "queued" ||
    state === "claimed" ||
    state === "running" ||
    state === "input_required";
  return known ? state : corrupt("state");
}

/** Our own writer checked them; absent until a worker asks. */
export function parseInputs(item: StoredItem): readonly JobInput[] {
  const text = item.optionalText("inputs");
  if (text === undefined) return [];
  const inputs = parseJson("job.inputs", text);
  return Array.isArray(inputs) ? (inputs as unknown as readonly JobInput[]) : corrupt("inputs");
}

/** Our own writer rounded it to what Fargate has. */
function parseSize(item: StoredItem): Pick<Job, "size"> {
  const text = item.optionalText("size");
  if (text === undefined) return {};
  const size = parseJson("job.size", text);
  return typeof size === "object" && size !== null && "memoryMb" in size
    ? { size: size as unknown as WorkerSize }
    : corrupt("size");
}

function parseParent(text: string): JobParent {
  const parent = parseJson("job.parent", text) as unknown as JobParent | null;
  const numbers = [parent?.index, parent?.depth, parent?.after];
  if (parent && isId("task", String(parent.id)) && numbers.every(Number.isSafeInteger))
    return parent;
  return corrupt("parent");
}

function parseOutcome(value: Json): JobOutcome {
  if (typeof value === "object" && value !== null && "kind" in value) {
    if (value.kind === "result" || value.kind === "error") return value as JobOutcome;
  }
  return corrupt("outcome");
}

function parsePrincipal(text: string): Principal {
  const value = parseJson("job.principal", text);
  if (typeof value !== "object" || value === null || !("tenant" in value))
    return corrupt("principal");
  const { tenant, subject, username, clientId, issuer, scopes, expiresAt } = value;
  const texts = [tenant, subject, username, clientId, issuer].every(
    (each) => typeof each === "string",
  );
  if (!texts || typeof expiresAt !== "number" || !Array.isArray(scopes))
    return corrupt("principal");
  return {
    tenant: tenant as string,
    subject: subject as string,
    username: username as string,
    clientId: clientId as string,
    issuer: issuer as string,
    scopes: new Set(SCOPES.filter((scope) => scopes.includes(scope))),
    expiresAt,
  };
}

function corrupt(name: string): never {
  throw new RefusedError("corrupt", `A stored job has no valid ${name}.`);
}

import {
  type Beat,
  type Claim,
  type Clock,
  ConflictError,
  type InputAnswers,
  type InputChange,
  isId,
  isTerminal,
  JOBS_PER_TENANT,
  type Job,
  type JobEnd,
  type JobId,
  type JobState,
  type JobStore,
  type Lease,
  type LostWorker,
  type Principal,
} from "@zenode/core";
import type { Change, DynamoTable, WriteResult } from "./dynamo-table.ts";
import { JobCreation } from "./job-creation.ts";
import { JobDocumentStore, NO_INPUTS } from "./job-documents.ts";
import { JobInputWriter } from "./job-input-writer.ts";
import { jobKey, parseInputs } from "./job-item.ts";
import { JobSlots } from "./job-slots.ts";
import type { ItemKey } from "./key.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { isOver, StoredItem } from "./stored-item.ts";
import { TaskList } from "./task-list.ts";

export interface DynamoJobStoreOptions {
  readonly table: DynamoTable;
  readonly clock: Pick<Clock, "now">;
  /** Where outcomes and inputs over 300 KB go; without it they are refused with `too_large`. */
  readonly bucket?: S3Bucket;
  /** Jobs of one tenant that have not ended, at most; absent: 100. */
  readonly jobsPerTenant?: number;
}

/** Rounds of "look, then write on condition" before a caller is told that others are faster. */
const ROUNDS = 5;

const LIVE = "#expiresAtMs > :now";
const IS_HELD = "(#state = :claimed OR #state = :running OR #state = :asking)";
const HELD = `${IS_HELD} AND #fence = :fence AND ${LIVE}`;
const HELD_STATES = { claimed: "claimed", running: "running", asking: "input_required" } as const;
const TO_QUEUE = "SET #state = :queued, #leaseUntil = :none, #inputs = :noInputs";
const QUEUE_VALUES = { queued: "queued", none: 0, noInputs: NO_INPUTS } as const;

/** Jobs as items; see docs/data-model/items.md. Each transition is one conditional UpdateItem. */
export class DynamoJobStore implements JobStore {
  readonly #table: DynamoTable;
  readonly #clock: Pick<Clock, "now">;
  readonly #documents: JobDocumentStore;
  readonly #inputs: JobInputWriter;
  readonly #slots: JobSlots;
  readonly #creation: JobCreation;
  readonly #tasks: TaskList;

  constructor({ table, clock, bucket, jobsPerTenant = JOBS_PER_TENANT }: DynamoJobStoreOptions) {
    this.#table = table;
    this.#clock = clock;
    this.#documents = new JobDocumentStore(table, bucket);
    this.#slots = new JobSlots(table, jobsPerTenant);
    this.#tasks = new TaskList(table);
    this.#creation = new JobCreation({
      table,
      clock,
      documents: this.#documents,
      slots: this.#slots,
      tasks: this.#tasks,
      get: (tenant, id) => this.get(tenant, id),
    });
    this.#inputs = new JobInputWriter(table, (key, change) => this.#move(key, change));
  }

  create(job: Job): Promise<{ readonly created: boolean; readonly job: Job }> {
    return this.#creation.create(job);
  }

  async list(owner: Pick<Principal, "tenant" | "subject">, limit: number): Promise<readonly Job[]> {
    const ids = await this.#tasks.newest(owner, limit, this.#clock.now());
    const jobs = await Promise.all(ids.map((id) => this.get(owner.tenant, id)));
    return jobs.filter((job) => job !== undefined);
  }

  async noteLaunch(
    { id, principal, attempts }: Pick<Job, "id" | "principal" | "attempts">,
    now: number,
  ): Promise<void> {
    await this.#move(jobKey(principal.tenant, id), {
      change: "SET #launchedAt = :now, #writeId = :writeId",
      when: `#state = :queued AND #attempts = :attempts AND ${LIVE}`,
      values: { queued: "queued", attempts, now },
    });
  }

  async freeSlot(tenant: string, id: JobId): Promise<void> {
    if (!isId("task", id)) return;
    const item = await this.#table.get(jobKey(tenant, id));
    if (item) await this.#slots.free(tenant, id, item);
  }

  keep(job: Job): Promise<void> {
    return this.#creation.keep(job);
  }

  async get(tenant: string, id: JobId): Promise<Job | undefined> {
    if (!isId("task", id)) return undefined;
    const { items } = await this.#table.query({ pk: jobKey(tenant, id).pk });
    const job = items.find(({ sk }) => sk === "job");
    if (!job || isOver(job, this.#clock.now())) return undefined;
    return this.#documents.toJob(
      job,
      items.find(({ sk }) => sk === "input"),
    );
  }

  async claim(
    tenant: string,
    id: JobId,
    { worker, leaseUntil, now }: Claim,
  ): Promise<Job | undefined> {
    const result = await this.#move(jobKey(tenant, id), {
      change: `SET #state = :claimed, #worker = :worker, #leaseUntil = :leaseUntil, #updatedAt = :now, #writeId = :writeId
        REMOVE #launchedAt ADD #fence :one, #attempts :one`,
      when: `#state = :queued AND ${LIVE}`,
      values: { queued: "queued", claimed: "claimed", worker, leaseUntil, now, one: 1 },
    });
    return result.kind === "written" ? this.#documents.toJob(result.item) : undefined;
  }

  async countLost(
    tenant: string,
    id: JobId,
    { worker, now }: LostWorker,
  ): Promise<Job | undefined> {
    const result = await this.#move(jobKey(tenant, id), {
      change: `SET #updatedAt = :now, #writeId = :writeId REMOVE #launchedAt ADD #attempts :one, #lostWorkers :lost`,
      when: `#state = :queued AND NOT contains(#lostWorkers, :worker) AND ${LIVE}`,
      values: { queued: "queued", worker, lost: new Set([worker]), now, one: 1 },
    });
    if (result.kind === "written") return this.#documents.toJob(result.item);
    const { held } = result;
    return held?.state === "queued" && !isOver(held, now) ? this.#documents.toJob(held) : undefined;
  }

  async start(lease: Lease, now: number): Promise<boolean> {
    const result = await this.#move(jobKey(lease.tenant, lease.id), {
      change: "SET #state = :running, #updatedAt = :now, #writeId = :writeId",
      when: `(#state = :claimed OR #state = :running) AND #fence = :fence AND ${LIVE}`,
      values: { claimed: "claimed", running: "running", fence: lease.fence, now },
    });
    return result.kind === "written";
  }

  async heartbeat(lease: Lease, leaseUntil: number, now: number): Promise<Beat | undefined> {
    const result = await this.#moveHeld(lease, now, "SET #leaseUntil = :leaseUntil", {
      leaseUntil,
    });
    if (result.kind === "refused") return undefined;
    const item = new StoredItem("job", result.item);
    return { cancelRequested: item.flag("cancelRequested"), inputs: parseInputs(item) };
  }

  ask(lease: Lease, change: InputChange, now: number): Promise<boolean> {
    return this.#inputs.ask(lease, change, now);
  }

  async answer(
    tenant: string,
    id: JobId,
    answers: InputAnswers,
    now: number,
  ): Promise<Job | undefined> {
    if (!isId("task", id)) return undefined;
    const item = await this.#inputs.answer(jobKey(tenant, id), answers, now);
    return item && this.#documents.toJob(item);
  }

  async finish(lease: Lease, end: JobEnd, now: number): Promise<boolean> {
    const { change, values } = await this.#documents.toEnding(lease, end);
    const result = await this.#moveHeld(lease, now, `${change}, #finishedFence = :fence`, values);
    const item = result.kind === "written" ? result.item : result.held;
    const isOurs = item?.finishedFence === lease.fence && item.state === end.state;
    if (isOurs) await this.#slots.free(lease.tenant, lease.id, item);
    return isOurs;
  }

  async release(lease: Lease, now: number): Promise<boolean> {
    const result = await this.#moveHeld(lease, now, TO_QUEUE, QUEUE_VALUES);
    if (result.kind === "written") return true;
    return result.held?.state === "queued" && result.held.fence === lease.fence;
  }

  async expire(lease: Lease, end: JobEnd | undefined, now: number): Promise<boolean> {
    if (!end) {
      const result = await this.#moveHeld(lease, now, TO_QUEUE, QUEUE_VALUES);
      return result.kind === "written";
    }
    const { change, values } = await this.#documents.toEnding(lease, end);
    const result = await this.#move(jobKey(lease.tenant, lease.id), {
      change: `${change}, #updatedAt = :now, #writeId = :writeId`,
      when: `(#state = :queued OR ${IS_HELD}) AND #fence = :fence AND ${LIVE}`,
      values: { ...values, ...HELD_STATES, queued: "queued", fence: lease.fence, now },
    });
    if (result.kind === "refused") return false;
    await this.#slots.free(lease.tenant, lease.id, result.item);
    return true;
  }

  async cancel(tenant: string, id: JobId, now: number): Promise<Job | undefined> {
    if (!isId("task", id)) return undefined;
    const key = jobKey(tenant, id);
    for (let round = 0; round < ROUNDS; round += 1) {
      const queued = await this.#move(key, {
        change: `SET #state = :cancelled, #cancelRequested = :yes, #updatedAt = :now, #writeId = :writeId`,
        when: `#state = :queued AND ${LIVE}`,
        values: { queued: "queued", cancelled: "cancelled", yes: true, now },
      });
      if (queued.kind === "written") {
        await this.#slots.free(tenant, id, queued.item);
        return this.#documents.toJob(queued.item);
      }
      const { held } = queued;
      if (!held || isOver(held, now)) return undefined;
      if (isTerminal(held.state as JobState)) return this.#documents.toJob(held);
      const asked = await this.#move(key, {
        change: "SET #cancelRequested = :yes, #updatedAt = :now, #writeId = :writeId",
        when: `${IS_HELD} AND ${LIVE}`,
        values: { ...HELD_STATES, yes: true, now },
      });
      if (asked.kind === "written") return this.#documents.toJob(asked.item);
    }
    throw new ConflictError("The task changes at this moment. Try again.");
  }

  /** A transition by the lease's holder. */
  #moveHeld(
    lease: Lease,
    now: number,
    change: string,
    values: Change["values"] = {},
  ): Promise<WriteResult> {
    return this.#move(jobKey(lease.tenant, lease.id), {
      change: `${change}, #updatedAt = :now, #writeId = :writeId`,
      when: HELD,
      values: { ...values, ...HELD_STATES, fence: lease.fence, now },
    });
  }

  /**
   * One conditional write with an id of its own: when the SDK sends it again because an answer was
   * lost, the condition is no longer met, but the item shows that this very write was carried out.
   */
  async #move(key: ItemKey, change: Change): Promise<WriteResult> {
    const writeId = crypto.randomUUID();
    const result = await this.#table.update(key, {
      ...change,
      values: { ...change.values, writeId },
    });
    if (result.kind === "refused" && result.held?.writeId === writeId) {
      return { kind: "written", item: result.held };
    }
    return result;
  }
}

import {
  type Beat,
  type Checkpoint,
  type ChildJob,
  type Claim,
  type Clock,
  type InputAnswers,
  type InputChange,
  isId,
  JOBS_PER_TENANT,
  type Job,
  type JobEnd,
  type JobId,
  type JobStore,
  type Lease,
  type LostWorker,
  type Principal,
  toCheckpointText,
} from "@zenode/core";
import type { Change, DynamoTable, WriteResult } from "./dynamo-table.ts";
import { HELD_STATES, IS_HELD, JobCanceller, LIVE } from "./job-canceller.ts";
import { JobChildStore } from "./job-child-store.ts";
import { JobCreation } from "./job-creation.ts";
import { JobDocumentStore } from "./job-documents.ts";
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

const HELD = `${IS_HELD} AND #fence = :fence AND ${LIVE}`;
const TO_QUEUE = "SET #state = :queued, #leaseUntil = :none";
const QUEUE_VALUES = { queued: "queued", none: 0 } as const;
/** Jobs as items; see docs/data-model/items.md. Each transition is one conditional UpdateItem. */
export class DynamoJobStore implements JobStore {
  readonly #table: DynamoTable;
  readonly #clock: Pick<Clock, "now">;
  readonly #documents: JobDocumentStore;
  readonly #children: JobChildStore;
  readonly #inputs: JobInputWriter;
  readonly #slots: JobSlots;
  readonly #creation: JobCreation;
  readonly #tasks: TaskList;
  readonly #canceller: JobCanceller;

  constructor({ table, clock, bucket, jobsPerTenant = JOBS_PER_TENANT }: DynamoJobStoreOptions) {
    this.#table = table;
    this.#clock = clock;
    this.#documents = new JobDocumentStore(table, bucket);
    this.#slots = new JobSlots(table, jobsPerTenant);
    this.#tasks = new TaskList(table);
    this.#children = new JobChildStore(table, this.#documents);
    this.#creation = new JobCreation({
      table,
      clock,
      documents: this.#documents,
      slots: this.#slots,
      tasks: this.#tasks,
      get: (tenant, id) => this.get(tenant, id),
    });
    const move = (key: ItemKey, change: Change) => this.#move(key, change);
    this.#inputs = new JobInputWriter(table, move);
    this.#canceller = new JobCanceller(this.#slots, move);
  }

  create(job: Job): Promise<{ readonly created: boolean; readonly job: Job }> {
    return this.#creation.create(job);
  }

  async list(owner: Pick<Principal, "tenant" | "subject">, limit: number): Promise<readonly Job[]> {
    const ids = await this.#tasks.newest(owner, limit, this.#clock.now());
    const jobs = await Promise.all(ids.map((id) => this.get(owner.tenant, id)));
    return jobs.filter((job) => job !== undefined);
  }

  createChild(job: ChildJob, parent: Lease): Promise<Job | undefined> {
    return this.#children.create(job, parent, this.#clock.now());
  }

  children(tenant: string, parent: JobId): Promise<readonly JobId[]> {
    return this.#children.of(tenant, parent, this.#clock.now());
  }

  async noteLaunch(
    { id, principal, attempts }: Pick<Job, "id" | "principal" | "attempts">,
    awaitedUntil: number,
  ): Promise<void> {
    await this.#move(jobKey(principal.tenant, id), {
      change: "SET #awaitedUntil = :awaitedUntil, #writeId = :writeId",
      when: `#state = :queued AND #attempts = :attempts AND ${LIVE}`,
      values: { queued: "queued", attempts, awaitedUntil, now: this.#clock.now() },
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
        REMOVE #awaitedUntil ADD #fence :one, #attempts :one`,
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
      change: `SET #updatedAt = :now, #writeId = :writeId REMOVE #awaitedUntil ADD #attempts :one, #lostWorkers :lost`,
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

  async checkpoint(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean> {
    if (checkpoint.closes.length > 0) return this.#inputs.checkpoint(lease, checkpoint, now);
    const change = "SET #checkpoint = :checkpoint, #attemptsAtProgress = #attempts";
    const text = toCheckpointText(checkpoint.state);
    return (await this.#moveHeld(lease, now, change, { checkpoint: text })).kind === "written";
  }

  async park(lease: Lease, now: number): Promise<boolean> {
    const result = await this.#move(jobKey(lease.tenant, lease.id), {
      change: `SET #leaseUntil = :none, #attemptsAtProgress = #attempts, #updatedAt = :now, #writeId = :writeId
        ADD #fence :one, #parks :one`,
      when: `#state = :asking AND #fence = :fence AND #leaseUntil > :none AND ${LIVE}`,
      values: { asking: "input_required", none: 0, fence: lease.fence, now, one: 1 },
    });
    if (result.kind === "written") return true;
    const { held } = result;
    const isParked = held?.state === "input_required" && held.leaseUntil === 0;
    return isParked && held.fence === lease.fence + 1;
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
    const item = isId("task", id) ? await this.#canceller.cancel(tenant, id, now) : undefined;
    return item && this.#documents.toJob(item);
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

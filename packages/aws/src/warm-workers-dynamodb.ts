import {
  isId,
  ORDER_AHEAD_MS,
  RefusedError,
  TASK_TTL_MS,
  type WarmOffer,
  type WarmOrder,
  type WarmWorker,
  type WarmWorkers,
} from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { checked, type ItemKey, partition, toTtl } from "./key.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

/** ARNs of tasks; DynamoDB takes sort keys of 1,024 bytes. */
const WORKER = /^[\x21-\x7e]{1,512}$/;

/** One item per worker in its tenant's partition, see docs/data-model/items.md. */
export class DynamoWarmWorkers implements WarmWorkers {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  /** A refusal is a repeat: the item has this offer already, and perhaps an order. */
  async offer(tenant: string, offer: WarmOffer): Promise<void> {
    const { worker, ...attributes } = offer;
    const item = {
      ...workerKey(tenant, worker),
      ...attributes,
      // Longer than the job of an order can run: until then the item says who has it.
      expiresAt: toTtl(offer.until + TASK_TTL_MS),
    };
    await this.#table.put(item, {
      when: "attribute_not_exists(#pk) OR #number < :number",
      values: { number: offer.number },
    });
  }

  async get(tenant: string, worker: string): Promise<WarmWorker | undefined> {
    const item = await this.#table.get(workerKey(tenant, worker));
    return item && parseWorker(item);
  }

  async list(tenant: string): Promise<readonly WarmWorker[]> {
    const { items } = await this.#table.query({ pk: partition(tenant, "W") });
    return items.map(parseWorker);
  }

  async order(tenant: string, worker: string, { job, orderedAt }: WarmOrder): Promise<boolean> {
    const result = await this.#table.update(workerKey(tenant, worker), {
      change: "SET #job = :job, #orderedAt = :orderedAt",
      when: "attribute_exists(#pk) AND attribute_not_exists(#job) AND #until > :ahead",
      values: { job, orderedAt, ahead: orderedAt + ORDER_AHEAD_MS },
    });
    return result.kind === "written" || result.held?.job === job;
  }

  async withdraw(tenant: string, worker: string): Promise<WarmOrder | undefined> {
    const result = await this.#table.remove(workerKey(tenant, worker), {
      when: "attribute_not_exists(#job)",
    });
    return result.kind === "refused" && result.held ? parseWorker(result.held).order : undefined;
  }

  async close(tenant: string, worker: string): Promise<WarmWorker | undefined> {
    const result = await this.#table.update(workerKey(tenant, worker), {
      change: "SET #until = :never",
      when: "attribute_exists(#pk)",
      values: { never: 0 },
    });
    return result.kind === "written" ? parseWorker(result.item) : undefined;
  }

  async remove(tenant: string, worker: string): Promise<void> {
    await this.#table.delete(workerKey(tenant, worker));
  }
}

function workerKey(tenant: string, worker: string): ItemKey {
  return { pk: partition(tenant, "W"), sk: checked("worker", WORKER, worker) };
}

/** @throws RefusedError `corrupt`. */
function parseWorker(attributes: Attributes): WarmWorker {
  const item = new StoredItem("warm worker", attributes);
  const job = item.optionalText("job");
  const order = job === undefined ? undefined : parseOrder(job, item.number("orderedAt"));
  return {
    worker: item.text("sk"),
    cpu: item.number("cpu"),
    memoryMb: item.number("memoryMb"),
    taskDefinition: item.text("taskDefinition"),
    until: item.number("until"),
    number: item.number("number"),
    ...(order && { order }),
  };
}

function parseOrder(job: string, orderedAt: number): WarmOrder {
  if (isId("task", job)) return { job, orderedAt };
  throw new RefusedError("corrupt", "A stored warm worker has no valid job.");
}

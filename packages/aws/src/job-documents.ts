import { type Job, type JobEnd, type Json, KIB, type Lease, RefusedError } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import type { ExpressionValues } from "./expression.ts";
import { inputKey, parseJob, toJobItem } from "./job-item.ts";
import { checkTenant, toTtl } from "./key.ts";
import { LargeText, storedText, textAttribute } from "./large-text.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";
import type { TransactionPut } from "./transaction-part.ts";

/** Larger inputs lie in an item of their own: each heartbeat is billed by the size of the job's item. */
const INPUT_IN_JOB_BYTES = 2 * KIB;

/**
 * More of an input, or of the outcome of a call that ran in Lambda, goes to the bucket: both are written in transactions, where a
 * PUT costs as much as 4 KiB (us-east-1: $5 and $1.25 a million), and hardly ever read.
 */
const RARELY_READ_BYTES = 16 * KIB;

/** Of a job that has ended: it needs neither. */
export const NO_INPUTS = "[]";
export const NO_CHECKPOINT = "";

const IF_NEW = { when: "attribute_not_exists(#pk)" };

/** A job's input and outcome: in its item, in an item beside it, or in the bucket, by their size. */
export class JobDocumentStore {
  readonly #table: DynamoTable;
  readonly #texts: LargeText;
  readonly #rarelyRead: LargeText;

  constructor(table: DynamoTable, bucket: S3Bucket | undefined) {
    this.#table = table;
    this.#texts = new LargeText(bucket);
    this.#rarelyRead = new LargeText(bucket, RARELY_READ_BYTES);
  }

  /** The items of a new job. @throws RefusedError `too_large`. */
  async toPuts(job: Job): Promise<readonly TransactionPut[]> {
    const { tenant } = job.principal;
    const item = { ...toJobItem(job), ...(await this.#toOutcome(job)) };
    const text = JSON.stringify(job.input);
    if (Buffer.byteLength(text) <= INPUT_IN_JOB_BYTES) {
      return [{ item: { ...item, input: text }, ...IF_NEW }];
    }
    const key = () => `temp/${tenant}/inputs/${job.id}.json`;
    const stored = await this.#rarelyRead.store(text, key);
    const input = { ...inputKey(tenant, job.id), expiresAt: toTtl(job.expiresAt) };
    return [
      { item, ...IF_NEW },
      { item: { ...input, ...textAttribute("input", stored) }, ...IF_NEW },
    ];
  }

  /** Of a job that had ended before it was stored. */
  async #toOutcome({ principal, id, fence, outcome }: Job): Promise<Record<string, string>> {
    if (!outcome) return {};
    const key = () => outcomeKey({ tenant: principal.tenant, id, fence });
    const stored = await this.#rarelyRead.store(JSON.stringify(outcome), key);
    return textAttribute("outcome", stored);
  }

  /** The job of an item; its input's item is read unless it is given. @throws RefusedError `corrupt`. */
  async toJob(attributes: Attributes, beside?: Attributes): Promise<Job> {
    const item = new StoredItem("job", attributes);
    const input = await this.#input(item, beside);
    const stored = storedText(item, "outcome");
    if (!stored) return parseJob(item, { input });
    return parseJob(item, { input, outcome: await this.#texts.load("job outcome", stored) });
  }

  /**
   * The update that ends a job. A large outcome's key carries the fence: a worker that was replaced
   * must not write over its successor's.
   */
  async toEnding(
    lease: Lease,
    end: JobEnd,
  ): Promise<{ readonly change: string; readonly values: ExpressionValues }> {
    const stored = await this.#texts.store(JSON.stringify(end.outcome), () => outcomeKey(lease));
    const outcome = stored.kind === "inline" ? "#outcome = :outcome" : "#outcomeObject = :outcome";
    const message = end.statusMessage === undefined ? "" : ", #statusMessage = :statusMessage";
    return {
      change: `SET #state = :end, #inputs = :noInputs, #checkpoint = :noCheckpoint, ${outcome}${message}`,
      values: {
        end: end.state,
        noInputs: NO_INPUTS,
        noCheckpoint: NO_CHECKPOINT,
        outcome: stored.kind === "inline" ? stored.text : stored.key,
        ...(end.statusMessage !== undefined && { statusMessage: end.statusMessage }),
      },
    };
  }

  async #input(item: StoredItem, beside: Attributes | undefined): Promise<Json> {
    const own = storedText(item, "input");
    if (own) return this.#texts.load("job input", own);
    const key = { pk: item.text("pk"), sk: "input" };
    const attributes = beside ?? (await this.#table.get(key));
    const stored = attributes && storedText(new StoredItem("job input", attributes), "input");
    if (!stored) throw new RefusedError("corrupt", "A stored job has no input.");
    return this.#texts.load("job input", stored);
  }
}

function outcomeKey({ tenant, id, fence }: Lease): string {
  return `temp/${checkTenant(tenant)}/results/${id}/${fence}.json`;
}

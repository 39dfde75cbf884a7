import {
  answerInputs,
  type Checkpoint,
  ConflictError,
  changeInputs,
  closeInputs,
  type InputAnswers,
  type InputChange,
  type InputState,
  isTerminal,
  type JobState,
  type Lease,
  toCheckpointText,
} from "@zenode/core";
import type { Change, DynamoTable, WriteResult } from "./dynamo-table.ts";
import { jobKey, parseInputs } from "./job-item.ts";
import type { ItemKey } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

/** What to make of the item that was read, and what else to write with it. */
interface Decision {
  readonly decide: (item: Attributes) => InputState | undefined;
  readonly also?: Also;
}

interface Also {
  readonly set: string;
  readonly values: Change["values"];
}

type Move = (key: ItemKey, change: Change) => Promise<WriteResult>;

/** Rounds of "look, then write on condition": a worker and a few clients are all who write. */
const ROUNDS = 8;

/**
 * Writes what a worker asks and a client answers. The condition is the very text that was looked at,
 * so of two who change it at once the second looks again.
 */
export class JobInputWriter {
  readonly #table: DynamoTable;
  readonly #move: Move;

  constructor(table: DynamoTable, move: Move) {
    this.#table = table;
    this.#move = move;
  }

  /** False: the lease is lost. */
  async ask({ tenant, id, fence }: Lease, change: InputChange, now: number): Promise<boolean> {
    const decide = (item: Attributes) => {
      if (item.fence !== fence || !isRunning(item)) return undefined;
      return changeInputs(toAsking(item), change);
    };
    const written = await this.#change(jobKey(tenant, id), now, { decide });
    return written.kind === "written";
  }

  /** False: the lease is lost. */
  async checkpoint(
    { tenant, id, fence }: Lease,
    { state, closes }: Checkpoint,
    now: number,
  ): Promise<boolean> {
    const checkpoint = toCheckpointText(state);
    const decide = (item: Attributes): InputState | undefined => {
      if (item.fence !== fence || !(isRunning(item) || item.state === "claimed")) return undefined;
      return closeInputs(toAsking(item), closes);
    };
    const also = {
      set: ", #checkpoint = :checkpoint, #attemptsAtProgress = #attempts",
      values: { checkpoint },
    };
    const written = await this.#change(jobKey(tenant, id), now, { decide, also });
    return written.kind === "written";
  }

  /** The job's item afterwards; undefined: there is none. */
  async answer(key: ItemKey, answers: InputAnswers, now: number): Promise<Attributes | undefined> {
    const decide = (held: Attributes) => {
      const asking = toAsking(held);
      return isTerminal(asking.state) ? undefined : answerInputs(asking, answers);
    };
    const { item } = await this.#change(key, now, { decide });
    return item;
  }

  /** `left`: the decision was to change nothing. */
  async #change(
    key: ItemKey,
    now: number,
    { decide, also }: Decision,
  ): Promise<{ readonly kind: "written" | "left"; readonly item: Attributes | undefined }> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = await this.#table.get(key);
      if (!item || isOver(item, now)) return { kind: "left", item: undefined };
      const next = decide(item);
      if (!next) return { kind: "left", item };
      const result = await this.#move(key, toChange(item, { next, also }, now));
      if (result.kind === "written") return result;
    }
    throw new ConflictError("The task changes at this moment. Try again.");
  }
}

function isRunning({ state }: Attributes): boolean {
  return state === "running" || state === "input_required";
}

/** What the rules for inputs look at. */
function toAsking(attributes: Attributes) {
  const item = new StoredItem("job", attributes);
  const state = item.text("state") as JobState;
  return { inputs: parseInputs(item), state, leaseUntil: item.number("leaseUntil") };
}

function toChange(
  seen: Attributes,
  { next, also }: { readonly next: InputState; readonly also: Also | undefined },
  now: number,
): Change {
  const same = seen.inputs === undefined ? "attribute_not_exists(#inputs)" : "#inputs = :seen";
  return {
    change: `SET #state = :next, #inputs = :inputs, #updatedAt = :now, #writeId = :writeId${also?.set ?? ""}`,
    when: `#state = :state AND #fence = :fence AND ${same} AND #expiresAtMs > :now`,
    values: {
      ...also?.values,
      state: seen.state as string,
      fence: seen.fence as number,
      next: next.state,
      inputs: JSON.stringify(next.inputs),
      now,
      ...(seen.inputs !== undefined && { seen: seen.inputs as string }),
    },
  };
}

import {
  answerInputs,
  ConflictError,
  changeInputs,
  type InputAnswers,
  type InputChange,
  type InputState,
  type Lease,
} from "@zenode/core";
import type { Change, DynamoTable, WriteResult } from "./dynamo-table.ts";
import { jobKey, parseInputs } from "./job-item.ts";
import type { ItemKey } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

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
    const written = await this.#change(jobKey(tenant, id), now, (item) => {
      if (item.fence !== fence || !isRunning(item)) return undefined;
      return changeInputs({ inputs: parseInputs(new StoredItem("job", item)) }, change);
    });
    return written.kind === "written";
  }

  /** The job's item afterwards; undefined: there is none. */
  async answer(key: ItemKey, answers: InputAnswers, now: number): Promise<Attributes | undefined> {
    const { item } = await this.#change(key, now, (held) => {
      if (!isRunning(held)) return undefined;
      return answerInputs({ inputs: parseInputs(new StoredItem("job", held)) }, answers);
    });
    return item;
  }

  /** `left`: the decision was to change nothing. */
  async #change(
    key: ItemKey,
    now: number,
    decide: (item: Attributes) => InputState | undefined,
  ): Promise<{ readonly kind: "written" | "left"; readonly item: Attributes | undefined }> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = await this.#table.get(key);
      if (!item || isOver(item, now)) return { kind: "left", item: undefined };
      const next = decide(item);
      if (!next) return { kind: "left", item };
      const result = await this.#move(key, toChange(item, next, now));
      if (result.kind === "written") return result;
    }
    throw new ConflictError("The task changes at this moment. Try again.");
  }
}

function isRunning({ state }: Attributes): boolean {
  return state === "running" || state === "input_required";
}

function toChange(seen: Attributes, next: InputState, now: number): Change {
  const same = seen.inputs === undefined ? "attribute_not_exists(#inputs)" : "#inputs = :seen";
  return {
    change: "SET #state = :next, #inputs = :inputs, #updatedAt = :now, #writeId = :writeId",
    when: `(#state = :running OR #state = :asking) AND #fence = :fence AND ${same} AND #expiresAtMs > :now`,
    values: {
      running: "running",
      asking: "input_required",
      fence: seen.fence as number,
      next: next.state,
      inputs: JSON.stringify(next.inputs),
      now,
      ...(seen.inputs !== undefined && { seen: seen.inputs as string }),
    },
  };
}

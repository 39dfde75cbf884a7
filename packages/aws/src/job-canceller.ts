import { ConflictError, isTerminal, type JobId, type JobState } from "@zenode/core";
import type { Change, WriteResult } from "./dynamo-table.ts";
import { NO_CHECKPOINT, NO_INPUTS } from "./job-documents.ts";
import { jobKey } from "./job-item.ts";
import type { JobSlots } from "./job-slots.ts";
import type { ItemKey } from "./key.ts";
import { type Attributes, isOver } from "./stored-item.ts";

export const LIVE = "#expiresAtMs > :now";
export const IS_HELD = "(#state = :claimed OR #state = :running OR #state = :asking)";
export const HELD_STATES = {
  claimed: "claimed",
  running: "running",
  asking: "input_required",
} as const;

/** Nobody holds it: queued, or parked (`isParked`). */
const IS_FREE = "(#state = :queued OR (#state = :asking AND #leaseUntil = :none))";
const FREE_VALUES = { queued: "queued", asking: "input_required", none: 0 } as const;
const CANCELLED_VALUES = {
  cancelled: "cancelled",
  noInputs: NO_INPUTS,
  noCheckpoint: NO_CHECKPOINT,
} as const;

/** Rounds of "look, then write on condition" before a caller is told that others are faster. */
const ROUNDS = 5;

/** Ends a job that nobody holds, and asks the holder of any other to stop. */
export class JobCanceller {
  readonly #slots: JobSlots;
  readonly #move: (key: ItemKey, change: Change) => Promise<WriteResult>;

  constructor(slots: JobSlots, move: (key: ItemKey, change: Change) => Promise<WriteResult>) {
    this.#slots = slots;
    this.#move = move;
  }

  /** The item as it is then; undefined: there is none. @throws ConflictError. */
  async cancel(tenant: string, id: JobId, now: number): Promise<Attributes | undefined> {
    const key = jobKey(tenant, id);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ended = await this.#move(key, {
        change: `SET #state = :cancelled, #cancelRequested = :yes, #inputs = :noInputs, #checkpoint = :noCheckpoint,
          #updatedAt = :now, #writeId = :writeId`,
        when: `${IS_FREE} AND ${LIVE}`,
        values: { ...CANCELLED_VALUES, ...FREE_VALUES, yes: true, now },
      });
      if (ended.kind === "written") {
        await this.#slots.free(tenant, id, ended.item);
        return ended.item;
      }
      const { held } = ended;
      if (!held || isOver(held, now)) return undefined;
      if (isTerminal(held.state as JobState)) return held;
      const asked = await this.#move(key, {
        change: "SET #cancelRequested = :yes, #updatedAt = :now, #writeId = :writeId",
        when: `${IS_HELD} AND #leaseUntil > :none AND ${LIVE}`,
        values: { ...HELD_STATES, none: 0, yes: true, now },
      });
      if (asked.kind === "written") return asked.item;
    }
    throw new ConflictError("The task changes at this moment. Try again.");
  }
}

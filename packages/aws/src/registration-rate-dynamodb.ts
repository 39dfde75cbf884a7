import type { RegistrationRate } from "@zenode/auth";
import { HOUR, SECOND } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { numberKey, signInPartition, toTtl } from "./key.ts";

/** One item per window of whoever is counted, see docs/data-model/items.md. */
export class DynamoRegistrationRate implements RegistrationRate {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async count(who: string, endsAt: number, most: number): Promise<boolean> {
    if (most < 1) return false;
    const result = await this.#table.update(
      { pk: signInPartition("N", who), sk: numberKey(Math.ceil(endsAt / SECOND)) },
      {
        change: "SET #expiresAt = :expiresAt ADD #count :one",
        when: "attribute_not_exists(#count) OR #count < :most",
        // A little longer than the window: clocks of two functions differ.
        values: { one: 1, most, expiresAt: toTtl(endsAt + HOUR) },
      },
    );
    return result.kind === "written";
  }
}

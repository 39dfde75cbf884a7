import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Clock, Meter } from "@zenode/core";
import { isAwsException, toPlatformError } from "./aws-failure.ts";
import type { AwsClients } from "./clients.ts";
import {
  type Condition,
  conditionParts,
  type ExpressionValues,
  expressionParts,
  toAttributes,
} from "./expression.ts";
import type { ItemKey } from "./key.ts";
import type { Attributes } from "./stored-item.ts";
import {
  cancellationReasons,
  hasCode,
  type PutRefusal,
  toRefusals,
  toTransactionError,
} from "./transaction-outcome.ts";
import { type TransactionPart, toTransactItem } from "./transaction-part.ts";

/** A change of one item. `change` is an update expression: `SET #a = :a REMOVE #b`; without `when` it is always made. */
export interface Change extends Partial<Condition> {
  readonly change: string;
}

/** Refused: the condition was not met by the item `held` (absent: there is none). */
export type WriteResult =
  | { readonly kind: "written"; readonly item: Attributes }
  | { readonly kind: "refused"; readonly held: Attributes | undefined };

export interface Page {
  readonly items: readonly Attributes[];
  /** Absent: there is no more. */
  readonly next?: Readonly<Record<string, AttributeValue>>;
}

export interface RangeQuery {
  readonly pk: string;
  /** On `#sk`, with `values`; absent: the whole partition. */
  readonly range?: string;
  readonly values?: ExpressionValues;
  readonly descending?: boolean;
  readonly limit?: number;
  readonly start?: Page["next"];
}

export interface DynamoTableOptions {
  readonly clients: AwsClients;
  readonly name: string;
  readonly clock: Clock;
}

/** Attempts of a write that meets a transaction with the same item at the same moment. */
const TRANSACTION_ATTEMPTS = 4;

/**
 * The one table: consistent reads, conditional writes whose refusal is a value, consumed capacity
 * counted, AWS's exceptions turned into the platform's.
 */
export class DynamoTable {
  readonly #client: () => DynamoDBClient;
  readonly #meter: Meter;
  readonly #name: string;
  readonly #clock: Clock;

  constructor({ clients, name, clock }: DynamoTableOptions) {
    this.#client = clients.dynamodb;
    this.#meter = clients.meter;
    this.#name = name;
    this.#clock = clock;
  }

  async get(key: ItemKey): Promise<Attributes | undefined> {
    const output = await this.#try("GetItem", () =>
      this.#client().send(
        new GetItemCommand({
          ...this.#target(),
          Key: toAttributes({ ...key }),
          ConsistentRead: true,
        }),
      ),
    );
    this.#meter.dynamodb("GetItem", output.ConsumedCapacity?.CapacityUnits ?? 0, 0);
    return output.Item && unmarshall(output.Item);
  }

  /** One page, at most 1 MB. */
  async query(query: RangeQuery): Promise<Page> {
    const condition = query.range === undefined ? "#pk = :pk" : `#pk = :pk AND ${query.range}`;
    const output = await this.#try("Query", () =>
      this.#client().send(
        new QueryCommand({
          ...this.#target(),
          ConsistentRead: true,
          KeyConditionExpression: condition,
          ...expressionParts([condition], { ...query.values, pk: query.pk }),
          ScanIndexForward: query.descending !== true,
          Limit: query.limit,
          ExclusiveStartKey: query.start && { ...query.start },
        }),
      ),
    );
    this.#meter.dynamodb("Query", output.ConsumedCapacity?.CapacityUnits ?? 0, 0);
    const items = (output.Items ?? []).map((item) => unmarshall(item));
    return { items, ...(output.LastEvaluatedKey && { next: output.LastEvaluatedKey }) };
  }

  /** Writes the whole item, if the condition holds for what is there. */
  async put(item: ItemKey & Attributes, condition?: Condition): Promise<WriteResult> {
    return this.#write("PutItem", async () => {
      const output = await this.#client().send(
        new PutItemCommand({
          ...this.#target(),
          Item: toAttributes({ ...item }),
          ...conditionParts(condition),
        }),
      );
      return { capacity: output.ConsumedCapacity, item };
    });
  }

  /** Changes one item; written carries the whole item as it is now. */
  async update(key: ItemKey, { change, when, values = {} }: Change): Promise<WriteResult> {
    return this.#write("UpdateItem", async () => {
      const output = await this.#client().send(
        new UpdateItemCommand({
          ...this.#target(),
          Key: toAttributes({ ...key }),
          UpdateExpression: change,
          ...(when !== undefined && { ConditionExpression: when }),
          ...expressionParts([change, when], values),
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return { capacity: output.ConsumedCapacity, item: unmarshall(output.Attributes ?? {}) };
    });
  }

  /** Removes an item; undefined: there was none. */
  async delete(key: ItemKey): Promise<Attributes | undefined> {
    const output = await this.#try("DeleteItem", () =>
      this.#client().send(
        new DeleteItemCommand({
          ...this.#target(),
          Key: toAttributes({ ...key }),
          ReturnValues: "ALL_OLD",
        }),
      ),
    );
    this.#meter.dynamodb("DeleteItem", 0, output.ConsumedCapacity?.CapacityUnits ?? 0);
    return output.Attributes && unmarshall(output.Attributes);
  }

  /** Removes an item if the condition holds for it; where there is none, for nothing. Written carries what was there. */
  async remove(key: ItemKey, condition: Condition): Promise<WriteResult> {
    return this.#write("DeleteItem", async () => {
      const output = await this.#client().send(
        new DeleteItemCommand({
          ...this.#target(),
          Key: toAttributes({ ...key }),
          ...conditionParts(condition),
          ReturnValues: "ALL_OLD",
        }),
      );
      return { capacity: output.ConsumedCapacity, item: unmarshall(output.Attributes ?? {}) };
    });
  }

  /**
   * Writes all items or none. Undefined: written; else what became of each part, in the order given.
   * @throws ConflictError when other transactions were in the way each time.
   */
  async transact(parts: readonly TransactionPart[]): Promise<undefined | readonly PutRefusal[]> {
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#transactOnce(parts).catch((thrown: unknown) => ({ thrown }));
      if (!failure) return undefined;
      const reasons = cancellationReasons(failure.thrown);
      if (reasons.length > 0) this.#meter.dynamodb("TransactWriteItems", 0, 2 * parts.length);
      if (hasCode(reasons, "ConditionalCheckFailed")) return toRefusals(reasons);
      const mayPass = hasCode(reasons, "TransactionConflict") && attempt < TRANSACTION_ATTEMPTS;
      if (!mayPass) throw toTransactionError(failure.thrown);
      await this.#backOff(attempt);
    }
  }

  #backOff(attempt: number): Promise<void> {
    return this.#clock.sleep(10 * 2 ** attempt * (0.5 + Math.random()));
  }

  async #transactOnce(parts: readonly TransactionPart[]): Promise<void> {
    const output = await this.#client().send(
      new TransactWriteItemsCommand({
        TransactItems: parts.map((part) => toTransactItem(this.#name, part)),
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    const units = (output.ConsumedCapacity ?? []).reduce(
      (sum, each) => sum + (each.CapacityUnits ?? 0),
      0,
    );
    this.#meter.dynamodb("TransactWriteItems", 0, units);
  }

  #target() {
    return { TableName: this.#name, ReturnConsumedCapacity: "TOTAL" } as const;
  }

  async #write(
    operation: string,
    send: () => Promise<{
      capacity: { CapacityUnits?: number | undefined } | undefined;
      item: Attributes;
    }>,
    attempt = 1,
  ): Promise<WriteResult> {
    try {
      const { capacity, item } = await send();
      this.#meter.dynamodb(operation, 0, capacity?.CapacityUnits ?? 0);
      return { kind: "written", item };
    } catch (cause) {
      const met = isAwsException(cause, "TransactionConflictException");
      if (met && attempt < TRANSACTION_ATTEMPTS) {
        await this.#backOff(attempt);
        return this.#write(operation, send, attempt + 1);
      }
      if (!isAwsException(cause, "ConditionalCheckFailedException")) {
        throw toPlatformError("DynamoDB", operation, cause);
      }
      this.#meter.dynamodb(operation, 0, 1);
      const { Item } = cause as { readonly Item?: Record<string, AttributeValue> };
      return { kind: "refused", held: Item && unmarshall(Item) };
    }
  }

  async #try<T>(operation: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (cause) {
      throw toPlatformError("DynamoDB", operation, cause);
    }
  }
}

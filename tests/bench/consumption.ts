import type { CloudOptions } from "@zenode/emulator";

/** What one operation used of what AWS bills by request. */
export interface Consumption {
  readonly rru: number;
  readonly wru: number;
  readonly dynamoRequests: number;
  /** PUT, POST, LIST: $5 a million. */
  readonly s3Writes: number;
  /** GET and the rest: $0.40 a million. */
  readonly s3Reads: number;
  /** Of the mcp function; what follows a worker's end is not in it. */
  readonly mcpCalls: number;
}

/** So many times as much, e.g. a minute of what was counted for some seconds. */
export function scaled(consumption: Consumption, factor: number): Consumption {
  const entries = Object.entries(consumption).map(([name, count]) => [name, count * factor]);
  return Object.fromEntries(entries) as unknown as Consumption;
}

type Hook<Name extends "onDynamoDb" | "onS3"> = NonNullable<CloudOptions[Name]>;

const NOTHING: Consumption = {
  rru: 0,
  wru: 0,
  dynamoRequests: 0,
  s3Writes: 0,
  s3Reads: 0,
  mcpCalls: 0,
};

/** S3's request classes (Amazon S3 pricing, "Requests & data retrievals"); DELETE is free. */
const S3_WRITE = /^(Put|Post|Copy|List|Create|Complete|Upload)/;
const S3_FREE = /^(Delete|Abort|Preflight)/;

/** Counts what the local cloud's services were asked for. */
export class ConsumptionCounter {
  #counted = NOTHING;

  readonly onDynamoDb: Hook<"onDynamoDb"> = ({ readUnits, writeUnits }) => {
    const { rru, wru, dynamoRequests } = this.#counted;
    this.#add({
      rru: rru + readUnits,
      wru: wru + writeUnits,
      dynamoRequests: dynamoRequests + 1,
    });
  };

  readonly onS3: Hook<"onS3"> = ({ operation }) => {
    const { s3Reads, s3Writes } = this.#counted;
    if (S3_WRITE.test(operation)) this.#add({ s3Writes: s3Writes + 1 });
    else if (!S3_FREE.test(operation)) this.#add({ s3Reads: s3Reads + 1 });
  };

  readonly onInvocation: NonNullable<NonNullable<CloudOptions["lambda"]>["report"]> = (report) => {
    if (report.function === "mcp") this.#add({ mcpCalls: this.#counted.mcpCalls + 1 });
  };

  /** What was counted since the last time. */
  take(): Consumption {
    const counted = this.#counted;
    this.#counted = NOTHING;
    return counted;
  }

  #add(change: Partial<Consumption>): void {
    this.#counted = { ...this.#counted, ...change };
  }
}

import type { CloudOptions } from "@zenode/emulator";

/** What one operation used of what AWS bills by request. */
export interface Consumption {
  readonly rru: number;
  readonly wru: number;
  readonly dynamoRequests: number;
  /** Those of them that wrote; a transaction is one. */
  readonly dynamoWrites: number;
  /** PUT, POST, LIST: $5 a million. */
  readonly s3Writes: number;
  /** GET and the rest: $0.40 a million. */
  readonly s3Reads: number;
  /** Of bodies, to S3 and from it. */
  readonly s3BytesIn: number;
  readonly s3BytesOut: number;
  /** Of the mcp function; what follows a worker's end is not in it. */
  readonly mcpCalls: number;
  /** What those took at Lambda, without init phases. */
  readonly mcpMs: number;
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
  dynamoWrites: 0,
  s3Writes: 0,
  s3Reads: 0,
  s3BytesIn: 0,
  s3BytesOut: 0,
  mcpCalls: 0,
  mcpMs: 0,
};

/** S3's request classes (Amazon S3 pricing, "Requests & data retrievals"); DELETE is free. */
const S3_WRITE = /^(Put|Post|Copy|List|Create|Complete|Upload)/;
const S3_FREE = /^(Delete|Abort|Preflight)/;

/** Counts what the local cloud's services were asked for. */
export class ConsumptionCounter {
  #counted = NOTHING;

  readonly onDynamoDb: Hook<"onDynamoDb"> = ({ readUnits, writeUnits }) => {
    const dynamoWrites = writeUnits > 0 ? 1 : 0;
    this.#add({ rru: readUnits, wru: writeUnits, dynamoRequests: 1, dynamoWrites });
  };

  readonly onS3: Hook<"onS3"> = ({ operation, bytesIn, bytesOut }) => {
    this.#add({ s3BytesIn: bytesIn, s3BytesOut: bytesOut });
    if (S3_WRITE.test(operation)) this.#add({ s3Writes: 1 });
    else if (!S3_FREE.test(operation)) this.#add({ s3Reads: 1 });
  };

  readonly onInvocation: NonNullable<NonNullable<CloudOptions["lambda"]>["report"]> = (report) => {
    if (report.function === "mcp") this.#add({ mcpCalls: 1, mcpMs: report.durationMs });
  };

  /** What was counted since the last time. */
  take(): Consumption {
    const counted = this.#counted;
    this.#counted = NOTHING;
    return counted;
  }

  #add(more: Partial<Consumption>): void {
    const sum = Object.entries(more).map(([name, count]) => [
      name,
      this.#counted[name as keyof Consumption] + count,
    ]);
    this.#counted = { ...this.#counted, ...Object.fromEntries(sum) };
  }
}

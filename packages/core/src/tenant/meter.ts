/**
 * Counts what a call consumes, so that its price is known. One meter per call: adapters are light
 * and can be made anew over the same clients.
 */
export interface Meter {
  /**
   * Read and write request units of one DynamoDB request, as AWS reports them (ReturnConsumedCapacity).
   * A write refused by its condition is billed but not reported: it is counted as the least it can
   * cost, 1 unit per item, 2 in a transaction.
   */
  dynamodb(operation: string, rru: number, wru: number): void;
  /** One S3 request, by the name of its operation. */
  s3(operation: string): void;
}

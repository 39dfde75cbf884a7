export { EmulatorClock } from "./clock.ts";
export { type Cloud, type CloudOptions, startCloud } from "./cloud.ts";
export { type DynamoDb, startDynamoDb } from "./dynamodb/dynamo-db.ts";
export { type Fault, type FaultAction, FaultPlan, type FaultService } from "./faults/fault-plan.ts";
export { PortTakenError } from "./http/serve.ts";
export { type S3, startS3 } from "./s3/s3.ts";
export { type Sqs, startSqs } from "./sqs/start-sqs.ts";
export type * from "./template.ts";

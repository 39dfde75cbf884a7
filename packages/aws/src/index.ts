export { type AwsClients, createAwsClients, UNMETERED } from "./clients.ts";
export { DynamoTable, type DynamoTableOptions } from "./dynamo-table.ts";
export { DynamoEventLog, type DynamoEventLogOptions } from "./event-log-dynamodb.ts";
export { DynamoJobStore, type DynamoJobStoreOptions } from "./job-store-dynamodb.ts";
export { DynamoLaunchQueue } from "./launch-queue-dynamodb.ts";
export { S3PackStore } from "./pack-store-s3.ts";
export { DynamoPlacementHistory } from "./placement-history-dynamodb.ts";
export { DynamoProjectChoices } from "./project-choices-dynamodb.ts";
export { S3ResultStore } from "./result-store-s3.ts";
export { S3Bucket, type S3BucketOptions } from "./s3-bucket.ts";
export { DynamoSessionStore, type DynamoSessionStoreOptions } from "./session-store-dynamodb.ts";
export { type AwsSettings, readAwsSettings } from "./settings.ts";
export { DynamoSnapshotStore } from "./snapshot-store-dynamodb.ts";
export {
  createTokenVerifier,
  type TokenCheck,
  type TokenVerifierOptions,
} from "./token-verifier.ts";
export { S3TransferStore } from "./transfer-store-s3.ts";
export { SqsWakeups, type SqsWakeupsOptions } from "./wakeups-sqs.ts";
export { DynamoWarmWorkers } from "./warm-workers-dynamodb.ts";
export { EcsWorkerLauncher, type EcsWorkerLauncherOptions } from "./worker-launcher-ecs.ts";

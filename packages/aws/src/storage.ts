export { DynamoDueProjects } from "./due-projects-dynamodb.ts";
export { S3PackInventory } from "./pack-inventory-s3.ts";
export { DynamoSnapshotArchive } from "./snapshot-archive-dynamodb.ts";
export { DynamoUsageStore } from "./usage-store-dynamodb.ts";

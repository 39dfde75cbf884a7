import { createAwsClients, DynamoTable, readAwsSettings, S3Bucket } from "@zenode/aws";
import {
  DynamoDueProjects,
  DynamoSnapshotArchive,
  DynamoUsageStore,
  S3PackInventory,
} from "@zenode/aws/storage";
import { type SweepReport, sweep } from "@zenode/core/storage";
import { jsonLogger, systemClock } from "@zenode/node";
import type { CollectConfig } from "../config.ts";

/** For failures that are no project's, and the one line of a run. */
export const logger = jsonLogger;

/** Collects every project that is due, and begins with none after a moment. */
export function composeCollect({
  table: tableName,
  bucket: bucketName,
  retention,
}: CollectConfig): (until: number) => Promise<SweepReport> {
  const clock = systemClock;
  const clients = createAwsClients(readAwsSettings(process.env));
  const table = new DynamoTable({ clients, name: tableName, clock });
  const bucket = new S3Bucket({ clients, name: bucketName });
  const ports = {
    archive: new DynamoSnapshotArchive({ table }),
    inventory: new S3PackInventory({ bucket }),
    usage: new DynamoUsageStore({ table }),
    due: new DynamoDueProjects({ table }),
    ...{ clock, retention, logger: jsonLogger },
  };
  return (until) => sweep(ports, until);
}

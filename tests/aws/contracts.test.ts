import {
  DynamoEventLog,
  DynamoJobStore,
  DynamoLaunchQueue,
  DynamoPlacementHistory,
  DynamoProjectChoices,
  DynamoSessionStore,
  DynamoSnapshotStore,
  DynamoWarmWorkers,
  S3PackStore,
  S3ResultStore,
  S3TransferStore,
} from "@zenode/aws";
import {
  DynamoDueProjects,
  DynamoSnapshotArchive,
  DynamoUsageStore,
  S3PackInventory,
} from "@zenode/aws/storage";
import {
  dueProjectsContract,
  eventLogContract,
  jobChildrenContract,
  jobCreationContract,
  jobInputContract,
  jobListContract,
  jobQueueingContract,
  jobResumeContract,
  jobStoreContract,
  launchQueueContract,
  packStoreContract,
  placementHistoryContract,
  projectChoicesContract,
  resultStoreContract,
  sessionStoreContract,
  snapshotArchiveContract,
  snapshotFenceContract,
  snapshotStoreContract,
  transferStoreContract,
  usageStoreContract,
  warmWorkersContract,
} from "@zenode/core/testing";
import { afterAll, beforeAll } from "vitest";
import { type AwsFixture, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

eventLogContract("DynamoEventLog", (clock) => new DynamoEventLog({ table: aws.table, clock }));
jobCreationContract("DynamoJobStore", (clock) => new DynamoJobStore({ table: aws.table, clock }));
jobStoreContract("DynamoJobStore", (clock) => new DynamoJobStore({ table: aws.table, clock }));
jobListContract("DynamoJobStore", (clock) => new DynamoJobStore({ table: aws.table, clock }));
jobInputContract("DynamoJobStore", (clock) => new DynamoJobStore({ table: aws.table, clock }));
jobResumeContract("DynamoJobStore", (clock) => new DynamoJobStore({ table: aws.table, clock }));
jobChildrenContract("DynamoJobStore", (clock) => new DynamoJobStore({ table: aws.table, clock }));
jobQueueingContract(
  "DynamoJobStore",
  (clock, jobsPerTenant) => new DynamoJobStore({ table: aws.table, clock, jobsPerTenant }),
);
launchQueueContract("DynamoLaunchQueue", () => new DynamoLaunchQueue({ table: aws.table }));
placementHistoryContract(
  "DynamoPlacementHistory",
  (clock) => new DynamoPlacementHistory({ table: aws.table, clock }),
);
projectChoicesContract(
  "DynamoProjectChoices",
  () => new DynamoProjectChoices({ table: aws.table }),
);
sessionStoreContract(
  "DynamoSessionStore",
  (clock) => new DynamoSessionStore({ table: aws.table, clock }),
);
snapshotStoreContract(
  "DynamoSnapshotStore",
  async () => new DynamoSnapshotStore({ table: aws.table }),
);
snapshotFenceContract("DynamoSnapshotStore", (clock) => ({
  jobs: new DynamoJobStore({ table: aws.table, clock }),
  snapshots: new DynamoSnapshotStore({ table: aws.table }),
}));
snapshotArchiveContract("DynamoSnapshotArchive", async () => ({
  archive: new DynamoSnapshotArchive({ table: aws.table }),
  snapshots: new DynamoSnapshotStore({ table: aws.table }),
}));
usageStoreContract("DynamoUsageStore", () => new DynamoUsageStore({ table: aws.table }));
dueProjectsContract("DynamoDueProjects", () => new DynamoDueProjects({ table: aws.table }));
warmWorkersContract("DynamoWarmWorkers", () => new DynamoWarmWorkers({ table: aws.table }));
packStoreContract("S3PackStore", async () => ({
  store: new S3PackStore({ bucket: aws.bucket }),
  inventory: new S3PackInventory({ bucket: aws.bucket }),
  now: Date.now,
  // fetch sets the length by itself; a wrong one breaks the signature.
  upload: async (url, body) => (await fetch(url, { method: "PUT", body: body.slice() })).ok,
  download: async (url, start, length) => {
    const range = `bytes=${start}-${start + length - 1}`;
    const response = await fetch(url, { headers: { range } });
    return response.status === 206 ? new Uint8Array(await response.arrayBuffer()) : undefined;
  },
}));
transferStoreContract("S3TransferStore", async () => ({
  store: new S3TransferStore({ bucket: aws.bucket }),
  upload: async (url, body) => (await fetch(url, { method: "PUT", body: body.slice() })).ok,
  download: async (url) => {
    const response = await fetch(url);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  },
}));
resultStoreContract("S3ResultStore", () => new S3ResultStore({ bucket: aws.bucket }));

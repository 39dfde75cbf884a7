import { DynamoSnapshotStore, S3PackStore } from "@zenode/aws";
import {
  DynamoDueProjects,
  DynamoSnapshotArchive,
  DynamoUsageStore,
  S3PackInventory,
} from "@zenode/aws/storage";
import { UnavailableError } from "@zenode/core";
import type { Fault } from "@zenode/emulator";
import { nodeCodec } from "@zenode/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsFixture, REAL_TIME, startAws } from "../aws/aws-fixture.ts";
import { seededRandom } from "../harness/seeded-random.ts";
import { makePlan } from "./plan.ts";
import type { Stores } from "./processes.ts";
import { runSequence } from "./run-sequence.ts";
import { FAIR } from "./weather.ts";

const SEQUENCES = 8;
const SEED = 4_711;

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

/** Often enough that some requests fail at all of the SDK's attempts. */
const FAULTS: readonly Omit<Fault, "times">[] = [
  { service: "dynamodb", action: { kind: "throttle" }, rate: 0.15 },
  { service: "dynamodb", action: { kind: "lose-answer" }, rate: 0.1 },
  { service: "dynamodb", action: { kind: "error" }, rate: 0.1 },
  { service: "s3", action: { kind: "throttle" }, rate: 0.1 },
  { service: "s3", action: { kind: "lose-answer" }, rate: 0.1 },
  { service: "s3", action: { kind: "error" }, rate: 0.1 },
];

/** The stores of one sequence: a tenant of its own. */
function awsStores(): Stores {
  return {
    tenant: `u-${crypto.randomUUID()}`,
    snapshots: new DynamoSnapshotStore({ table: aws.table }),
    archive: new DynamoSnapshotArchive({ table: aws.table }),
    packs: new S3PackStore({ bucket: aws.bucket }),
    inventory: new S3PackInventory({ bucket: aws.bucket }),
    usage: new DynamoUsageStore({ table: aws.table }),
    due: new DynamoDueProjects({ table: aws.table }),
    codec: nodeCodec,
    clock: REAL_TIME,
    upload: putObject,
    download: getRange,
  };
}

async function getRange(
  url: string,
  start: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const headers = { range: `bytes=${start}-${start + length - 1}` };
  const lost = (cause: unknown) => {
    throw new UnavailableError("The bucket did not answer.", { cause });
  };
  const answer = await fetch(url, { headers }).catch(lost);
  if (answer.status >= 500) throw new UnavailableError(`The bucket answered ${answer.status}.`);
  return answer.ok ? new Uint8Array(await answer.arrayBuffer().catch(lost)) : undefined;
}

async function putObject(url: string, body: Uint8Array): Promise<boolean> {
  const sent = fetch(url, { method: "PUT", body: body.slice() });
  const { ok, status } = await sent.catch((cause: unknown) => {
    throw new UnavailableError("The bucket did not answer.", { cause });
  });
  if (status >= 500) throw new UnavailableError(`The bucket answered ${status}.`);
  return ok;
}

test(`${SEQUENCES} sequences over DynamoDB and S3, throttled, failing and losing answers, are as plain folders`, async () => {
  const outcomes: Record<string, number> = {};
  for (let seed = SEED; seed < SEED + SEQUENCES; seed++) {
    const random = seededRandom(seed);
    const around = async (round: () => Promise<void>): Promise<boolean> => {
      const armed = FAULTS.filter(() => random() < 0.2).map((fault) => aws.faults.add(fault));
      await round();
      aws.faults.clear();
      return armed.length > 0;
    };
    const plan = { ...makePlan(seed), climate: FAIR };
    const report = await runSequence(plan, { stores: awsStores(), unscheduled: { around } });
    expect(report.faults, `seed ${seed}`).toEqual([]);
    for (const [kind, count] of Object.entries(report.outcomes)) {
      outcomes[kind] = (outcomes[kind] ?? 0) + count;
    }
  }
  expect(outcomes.done).toBeGreaterThan(50);
  expect(outcomes.conflict).toBeGreaterThan(0);
}, 300_000);

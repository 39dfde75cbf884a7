import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { type CloudTemplate, FaultPlan } from "@zenode/emulator";
import { zenode } from "../../harness/command-line.ts";
import { type LocalPath, startPath } from "../../harness/local-path.ts";
import { seededRandom } from "../../harness/seeded-random.ts";
import { sharedBundles } from "../../harness/shared-bundles.ts";
import type { RunPlan } from "../scenarios.ts";
import { PROJECT_FILE } from "../tools/steps-tool.ts";
import { TableHistory } from "./table-history.ts";

const CLOCK_VARIABLE = "ZENODE_FAULTS_CLOCK";
const PAID_TIME_VARIABLE = "ZENODE_FAULTS_PAID_TIME";

/** Runs that can go on beside each other, each with tenants of its own. */
export const LANES = 4;

/** Who calls in a lane: two users of one tenant, and one of another. */
export interface Lane {
  readonly own: { readonly tenant: string; readonly first: string; readonly second: string };
  readonly other: { readonly tenant: string; readonly first: string; readonly second: string };
}

export function laneOf(number: number): Lane {
  const names = (name: string) => ({
    tenant: `t-${name}-${number}`,
    first: `${name}-${number}-a`,
    second: `${name}-${number}-b`,
  });
  return { own: names("own"), other: names("other") };
}

/** A third of them may fail; that all do is once in many millions. */
const READS = 20;

/** The whole path with the tool of numbered steps, and what is needed to trouble and to observe it. */
export interface FaultPath {
  readonly local: LocalPath;
  readonly faults: FaultPlan;
  readonly table: TableHistory;
  /** Folder for what the runs' tools leave. */
  readonly folder: string;
  /** Whether a queue looks after jobs that nobody follows. */
  readonly hasWatch: boolean;
  /** Digest of the file in project `p`, which each lane's first tenant has. */
  readonly file: string;
  /** Moves the wall clock of new and running Lambda processes, or of workers, by so many ms. */
  moveClock(whose: "gateway" | "worker", offsetMs: number): void;
  /** How a tenant's workers wait for their next job from now on; undefined: they do not. */
  setLinger(tenant: string, linger: RunPlan["linger"]): void;
  readObject(key: string): Promise<string>;
  close(): Promise<void>;
}

export async function startFaultPath(seed: number): Promise<FaultPath> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-faults-"));
  const clocks = { gateway: path.join(folder, "gateway"), worker: path.join(folder, "worker") };
  for (const file of Object.values(clocks)) writeFileSync(file, "0");
  const paidTime = path.join(folder, "paid-time");
  const state = path.join(folder, "state");
  mkdirSync(paidTime);
  mkdirSync(state);
  writeUsers(state);
  const faults = new FaultPlan(seededRandom(seed));
  let hasWatch = false;
  const local = await startPath({
    state,
    bundles: await sharedBundles({
      mcp: "tests/faults/entries/mcp.ts",
      worker: "tests/faults/entries/main.ts",
    }),
    emulator: { faults },
    template: {
      // For tenants of whom nothing else is said, see `setLinger`.
      lingerMs: 0,
      adjust(template) {
        hasWatch = template.functions.some(({ name }) => name === "watch");
        return withVariables(template, clocks, paidTime);
      },
    },
  });
  const table = await TableHistory.start(
    `http://127.0.0.1:${local.cloud.ports.dynamodb}`,
    "zenode",
  );
  const file = makeFile(folder, "p");
  const owners = Array.from({ length: LANES }, (_, number) => laneOf(number).own.first);
  await Promise.all(owners.map((user) => pushFile(local, { folder, project: "p", user })));
  const s3 = new S3Client({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${local.cloud.ports.s3}`,
    forcePathStyle: true,
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
  });
  return {
    local,
    faults,
    table,
    folder,
    hasWatch,
    file,
    setLinger(tenant, linger) {
      const own = path.join(paidTime, tenant);
      if (linger) writeFileSync(own, JSON.stringify(linger));
      else rmSync(own, { force: true });
    },
    moveClock: (whose, offsetMs) => writeFileSync(clocks[whose], String(offsetMs)),
    readObject: (key) => readObject(s3, key),
    async close() {
      faults.clear();
      await table.close();
      s3.destroy();
      await local.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Faults hit whoever asks, the observer too: it asks again. Empty for an object that is not there. */
async function readObject(s3: S3Client, key: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "zenode", Key: key }));
      return (await Body?.transformToString()) ?? "";
    } catch (cause) {
      if (cause instanceof NoSuchKey) return "";
      if (attempt === READS) throw cause;
    }
  }
}

function withVariables(
  template: CloudTemplate,
  clocks: Readonly<Record<"gateway" | "worker", string>>,
  paidTime: string,
): CloudTemplate {
  const having = <T extends { readonly environment?: object }>(one: T, variables: object) => ({
    ...one,
    environment: { ...one.environment, ...variables },
  });
  const ofWorker = { [CLOCK_VARIABLE]: clocks.worker, [PAID_TIME_VARIABLE]: paidTime };
  return {
    ...template,
    functions: template.functions.map((one) => having(one, { [CLOCK_VARIABLE]: clocks.gateway })),
    taskDefinitions: template.taskDefinitions.map((one) => having(one, ofWorker)),
  };
}

/** All lanes' users, before the first start makes the usual ones. */
function writeUsers(state: string): void {
  const users = Array.from({ length: LANES }, (_, number) => Object.values(laneOf(number)))
    .flat()
    .flatMap(({ tenant, first, second }) =>
      [first, second].map((username) => ({
        username,
        password: `Z1!${randomBytes(12).toString("base64url")}`,
        email: `${username}@example.com`,
        groups: [tenant.replace(/^t-/, "tenant-")],
      })),
    );
  writeFileSync(path.join(state, "users.json"), JSON.stringify(users), { mode: 0o600 });
}

/** One file of random content in a folder of its own, to be pushed as a project; its digest. */
export function makeFile(folder: string, project: string): string {
  const source = sourceOf(folder, project);
  mkdirSync(source);
  const content = randomBytes(10_000).toString("hex");
  writeFileSync(path.join(source, PROJECT_FILE), content);
  return createHash("sha256").update(content).digest("hex");
}

function sourceOf(folder: string, project: string): string {
  return path.join(folder, `${project}-source`);
}

export interface PushOrder {
  readonly folder: string;
  readonly project: string;
  readonly user: string;
}

/** Pushes what `makeFile` made, again and again until it is in. @throws Error when it never is. */
export async function pushFile(
  { state }: Pick<LocalPath, "state">,
  { folder, project, user }: PushOrder,
): Promise<void> {
  const source = sourceOf(folder, project);
  let said = "";
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const whose = ["--project", project, "--user", user, "--state", state];
    const { code, stderr } = await zenode("push", source, ...whose);
    if (code === 0) return;
    said = stderr;
  }
  throw new Error(`${project} could not be pushed: ${said}`);
}

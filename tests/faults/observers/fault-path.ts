import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { type CloudTemplate, FaultPlan } from "@zenode/emulator";
import { zenode } from "../../harness/command-line.ts";
import { type LocalPath, startPath } from "../../harness/local-path.ts";
import { seededRandom } from "../../harness/seeded-random.ts";
import { sharedBundles } from "../../harness/shared-bundles.ts";
import { PROJECT_FILE } from "../tools/steps-tool.ts";
import { TableHistory } from "./table-history.ts";

const CLOCK_VARIABLE = "ZENODE_FAULTS_CLOCK";

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
  /** Digest of the file in project `p`. */
  readonly file: string;
  /** Moves the wall clock of new and running Lambda processes, or of workers, by so many ms. */
  moveClock(whose: "gateway" | "worker", offsetMs: number): void;
  readObject(key: string): Promise<string>;
  close(): Promise<void>;
}

export async function startFaultPath(seed: number): Promise<FaultPath> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-faults-"));
  const clocks = { gateway: path.join(folder, "gateway"), worker: path.join(folder, "worker") };
  for (const file of Object.values(clocks)) writeFileSync(file, "0");
  const faults = new FaultPlan(seededRandom(seed));
  let hasWatch = false;
  const local = await startPath({
    bundles: await sharedBundles({
      mcp: "tests/faults/entries/mcp.ts",
      worker: "tests/faults/entries/main.ts",
    }),
    emulator: { faults },
    template: {
      // One task a job: whose process it was is known from outside. tests/path/warm.test.ts has those that linger.
      lingerMs: 0,
      adjust(template) {
        hasWatch = template.functions.some(({ name }) => name === "watch");
        return withClocks(template, clocks);
      },
    },
  });
  const table = await TableHistory.start(
    `http://127.0.0.1:${local.cloud.ports.dynamodb}`,
    "zenode",
  );
  const file = await pushFile(local, folder, "p");
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

function withClocks(
  template: CloudTemplate,
  clocks: Readonly<Record<"gateway" | "worker", string>>,
): CloudTemplate {
  const moved = <T extends { readonly environment?: object }>(one: T, file: string) => ({
    ...one,
    environment: { ...one.environment, [CLOCK_VARIABLE]: file },
  });
  return {
    ...template,
    functions: template.functions.map((one) => moved(one, clocks.gateway)),
    taskDefinitions: template.taskDefinitions.map((one) => moved(one, clocks.worker)),
  };
}

/**
 * Pushes one file of random content as a project, again and again until it is in; its digest.
 * @throws Error when it never is.
 */
export async function pushFile(
  { state }: Pick<LocalPath, "state">,
  folder: string,
  project: string,
): Promise<string> {
  const source = path.join(folder, `${project}-source`);
  mkdirSync(source);
  const content = randomBytes(10_000).toString("hex");
  writeFileSync(path.join(source, PROJECT_FILE), content);
  let said = "";
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const { code, stderr } = await zenode("push", source, "--project", project, "--state", state);
    if (code === 0) return createHash("sha256").update(content).digest("hex");
    said = stderr;
  }
  throw new Error(`${project} could not be pushed: ${said}`);
}

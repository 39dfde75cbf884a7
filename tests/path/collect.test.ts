import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  createAwsClients,
  DynamoSnapshotStore,
  DynamoTable,
  S3Bucket,
  S3PackStore,
} from "@zenode/aws";
import { DynamoDueProjects, DynamoUsageStore, S3PackInventory } from "@zenode/aws/storage";
import { makeReaderCaches, type Principal, StoredProjects } from "@zenode/core";
import { openWriting, StorageAccount } from "@zenode/core/storage";
import { MemoryProjectChoices } from "@zenode/core/testing";
import { nodeCodec, systemClock } from "@zenode/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectModern } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

const HOUR = 3_600_000;
const EDITS = 20;
const EDITED_BYTES = 40_000;
const MOVED_CLOCK = path.resolve(import.meta.dirname, "../faults/entries/moved-clock.ts");

let folder: string;
let source: string;
let clockFile: string;
let local: LocalPath;
let offset = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-collect-"));
  clockFile = path.join(folder, "clock");
  source = path.join(folder, "source");
  await mkdir(source);
  await writeFile(path.join(source, "first.txt"), "first\n");
  await writeFile(clockFile, "0");
  const variables = {
    NODE_OPTIONS: `--import ${pathToFileURL(MOVED_CLOCK).href}`,
    ZENODE_FAULTS_CLOCK: clockFile,
    ZENODE_SNAPSHOTS_KEPT: "3",
    ZENODE_DAYS_KEPT: "1",
  };
  local = await startPath({
    template: {
      adjust: (template) => ({
        ...template,
        functions: template.functions.map((one) => ({
          ...one,
          environment: { ...one.environment, ...variables },
        })),
      }),
    },
  });
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

/** Time passes for everybody, and the schedule's event comes with it; what the collector said of it. */
async function passHours(hours: number): Promise<Record<string, unknown>> {
  const before = sweeps().length;
  offset += hours * HOUR;
  await writeFile(clockFile, String(offset));
  local.cloud.clock.advance(hours * HOUR);
  return eventually("a sweep", () => sweeps()[before]);
}

const sweeps = () =>
  local.logs
    .map(({ text }) => String(text ?? ""))
    .filter((text) => text.includes('"message":"collected"'))
    .map((text) => JSON.parse(text) as Record<string, unknown>);

/** The stores below the wire, and what is in them. */
function stores() {
  const { dynamodb, s3 } = local.cloud;
  const clients = createAwsClients({
    region: "us-east-1",
    endpoints: { dynamodb: dynamodb.endpoint, s3: s3.endpoint },
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
  });
  const table = new DynamoTable({ clients, name: "zenode", clock: systemClock });
  const bucket = new S3Bucket({ clients, name: "zenode" });
  const snapshots = new DynamoSnapshotStore({ table });
  const usage = new DynamoUsageStore({ table });
  const storage = new StorageAccount({
    ...{ usage, due: new DynamoDueProjects({ table }), snapshots, clock: systemClock },
    limits: {
      storedBytes: 2 ** 30,
      projects: 100,
      filesPerProject: 200_000,
      snapshotsPerProject: 20_000,
    },
  });
  const packs = new S3PackStore({ bucket });
  return { snapshots, usage, storage, packs, inventory: new S3PackInventory({ bucket }) };
}

async function storedPacks(tenant: string): Promise<Map<string, number>> {
  const packs = new Map<string, number>();
  for await (const page of stores().inventory.list(tenant, "app")) {
    for (const { id, bytes } of page) packs.set(id, bytes);
  }
  return packs;
}

const sum = (packs: ReadonlyMap<string, number>) => [...packs.values()].reduce((a, b) => a + b, 0);

async function usedBytes(tenant: string): Promise<number> {
  const all = await stores().usage.list(tenant);
  return all.find(({ project }) => project === "app")?.bytes ?? 0;
}

/** Every file of the head, read as a process does that has nothing in its caches. */
async function readHead(tenant: string): Promise<Record<string, string>> {
  const { snapshots, packs, storage } = stores();
  const principal = { tenant, scopes: new Set(["read"]) } as unknown as Principal;
  const projects = new StoredProjects({
    ...{ principal, snapshots, packs, codec: nodeCodec, choices: new MemoryProjectChoices() },
    caches: makeReaderCaches(64 * 2 ** 20),
    writing: async () =>
      openWriting({ snapshots, packs, codec: nodeCodec, clock: systemClock, storage }),
  });
  const snapshot = await projects.open("app");
  const contents: Record<string, string> = {};
  for await (const { path: name } of snapshot.walk()) {
    contents[name] = new TextDecoder().decode(await snapshot.read(name, 2 ** 20));
  }
  return contents;
}

test("what only forgotten snapshots need is removed, what is kept can be read, and the bytes are told", async () => {
  const pushed = await zenode("push", source, "--project", "app", "--state", local.state);
  expect(pushed.code, pushed.stderr).toBe(0);
  const client = await connectModern(local.mcpUrl, await local.token());
  const { structured } = await client.call("whoami", {});
  const tenant = String(structured?.tenant);
  let content = "";
  for (let edit = 0; edit < EDITS; edit += 1) {
    content = randomBytes(EDITED_BYTES / 2).toString("hex");
    const done = await client.call("write_file", { project: "app", path: "a.txt", content });
    expect(done.isError, done.text).toBe(false);
  }
  await client.close();
  const before = await storedPacks(tenant);
  expect(await usedBytes(tenant)).toBe(sum(before));

  expect(await passHours(26)).toMatchObject({ projects: 1, forgotten: 18, deletedPacks: 0 });
  const { snapshots } = stores();
  const kept = await snapshots.list(tenant, "app", { limit: 100 });
  expect(kept.map(({ number }) => number)).toEqual([21, 20, 19]);
  expect(await storedPacks(tenant)).toEqual(before);

  const swept = await passHours(26);
  const after = await storedPacks(tenant);
  const named = new Set(kept.flatMap(({ packs }) => packs.map(({ id }) => id)));
  expect(new Set(after.keys())).toEqual(named);
  expect(after.size).toBeLessThan(before.size);
  expect(swept).toMatchObject({
    ...{ projects: 1, failed: 0, erased: 18, keptPacks: after.size, keptBytes: sum(after) },
    ...{ deletedPacks: before.size - after.size, freedBytes: sum(before) - sum(after) },
  });
  expect(await usedBytes(tenant)).toBe(sum(after));
  expect(await readHead(tenant)).toEqual({ "a.txt": content, "first.txt": "first\n" });

  expect(await passHours(26)).toMatchObject({ projects: 0, deletedPacks: 0 });
  expect(errorLines(local)).toEqual([]);
});

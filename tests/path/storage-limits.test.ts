import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createAwsClients, DynamoTable } from "@zenode/aws";
import { DynamoUsageStore } from "@zenode/aws/storage";
import { systemClock } from "@zenode/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectModern } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";

const MIB = 2 ** 20;

let source: string;
let local: LocalPath;

beforeAll(async () => {
  source = await mkdtemp(path.join(os.tmpdir(), "zenode-limits-"));
  await writeFile(path.join(source, "first.txt"), "first\n");
  const variables = { ZENODE_STORAGE_GIB: "1", ZENODE_PROJECTS_PER_TENANT: "2" };
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
  await rm(source, { recursive: true, force: true });
});

function push(project: string) {
  return zenode("push", source, "--project", project, "--state", local.state);
}

/** As if so much had been stored. */
async function count(tenant: string, bytes: number): Promise<void> {
  const clients = createAwsClients({
    region: "us-east-1",
    endpoints: { dynamodb: local.cloud.dynamodb.endpoint },
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
  });
  const table = new DynamoTable({ clients, name: "zenode", clock: systemClock });
  await new DynamoUsageStore({ table }).add(tenant, "one", bytes, Date.now());
}

test("a tenant that has all it may have is told so before anything is taken", async () => {
  for (const project of ["one", "two"]) {
    const { code, stderr } = await push(project);
    expect(code, stderr).toBe(0);
  }
  const third = await push("three");
  expect(third.code).not.toBe(0);
  expect(third.stderr).toContain("There are 2 projects, and there may be 2. Delete one");

  const client = await connectModern(local.mcpUrl, await local.token());
  const tenant = String((await client.call("whoami", {})).structured?.tenant);
  await count(tenant, 1024 * MIB + 64 * MIB);
  const args = { project: "one", path: "a.txt", content: "a" };
  const written = await client.call("write_file", args);
  expect(written.isError).toBe(true);
  expect(written.text).toMatch(/^The storage is full: 1088\.0 MiB of 1024\.0 MiB are used/);
  await client.close();

  await writeFile(path.join(source, "more.txt"), "more\n");
  const full = await push("two");
  expect(full.code).not.toBe(0);
  expect(full.stderr).toContain("The storage is full");
});

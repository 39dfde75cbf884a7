import { describe, expect, test } from "vitest";
import { MIB } from "../../lib/bytes.ts";
import { DAY } from "../../lib/duration.ts";
import { MemoryWorkspace } from "../../testing/workspace-memory.ts";
import { StorageAccount } from "./storage-account.ts";

const TENANT = "u-ada";

function setUp(limits: { storedBytes?: number; projects?: number } = {}) {
  const workspace = new MemoryWorkspace();
  const { usage, due, snapshots, clock } = workspace;
  const account = new StorageAccount({
    ...{ usage, due, snapshots, clock },
    limits: { storedBytes: 100 * MIB, projects: 2, ...limits },
  });
  const admit = (bytes: number, project = "app") =>
    account.admit(TENANT, { project, head: undefined, bytes });
  const stored = async () => (await usage.list(TENANT)).reduce((sum, { bytes }) => sum + bytes, 0);
  return { workspace, account, admit, stored };
}

describe("bytes", () => {
  test("what would pass the limit is refused with the limit, the use and what to do, and is not counted", async () => {
    const { admit, stored } = setUp();
    await admit(90 * MIB, "web");
    await expect(admit(11 * MIB)).rejects.toMatchObject({
      code: "too_large",
      message: expect.stringMatching(
        /^The storage is full: 90.0 MiB of 100.0 MiB are used, .* this needs 11.0 MiB more. Delete /,
      ),
    });
    expect(await stored()).toBe(90 * MIB);
    await admit(10 * MIB);
  });

  test("of many at the same time no more are admitted than there is room for", async () => {
    const { admit, stored } = setUp();
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => admit(30 * MIB)));
    const admitted = all.filter(({ status }) => status === "fulfilled").length;
    expect(admitted).toBeLessThanOrEqual(3);
    expect(await stored()).toBe(admitted * 30 * MIB);
  });

  test("what is full can still be tidied up by small commits, but not for ever", async () => {
    const { admit, stored } = setUp();
    await admit(100 * MIB);
    await expect(admit(2 * MIB)).rejects.toMatchObject({ code: "too_large" });
    for (let commit = 0; commit < 64; commit += 1) await admit(MIB);
    await expect(admit(1)).rejects.toMatchObject({ code: "too_large" });
    expect(await stored()).toBe(164 * MIB);
  });

  test("what is over the limit can be deleted", async () => {
    const { workspace, admit } = setUp();
    await workspace.push("app", { a: "1" });
    await workspace.usage.add(TENANT, "app", 2_000 * MIB, workspace.now);
    await expect(admit(1)).rejects.toMatchObject({ code: "too_large" });
    await expect(workspace.push("app", { a: "2" })).rejects.toMatchObject({ code: "too_large" });
    const deleted = await workspace.projects().delete("app");
    expect([deleted.number, deleted.deleted]).toEqual([2, true]);
  });

  test("another tenant's bytes do not count", async () => {
    const { account, admit } = setUp();
    await admit(100 * MIB);
    await account.admit("u-bob", { project: "app", head: undefined, bytes: 100 * MIB });
  });
});

describe("uploads", () => {
  test("uploads are refused before they come when they could not be kept", async () => {
    const { account, admit } = setUp();
    await admit(60 * MIB);
    await expect(account.admitUpload(TENANT, 41 * MIB)).rejects.toMatchObject({
      message: expect.stringContaining("60.0 MiB of 100.0 MiB are used"),
    });
    await account.admitUpload(TENANT, 40 * MIB);
  });

  test("uploads that are never committed are bounded by the day", async () => {
    const { workspace, account } = setUp();
    await account.admitUpload(TENANT, 60 * MIB);
    await expect(account.admitUpload(TENANT, 41 * MIB)).rejects.toMatchObject({
      code: "too_large",
      message: expect.stringContaining("tomorrow"),
    });
    workspace.now += DAY;
    await account.admitUpload(TENANT, 41 * MIB);
  });
});

describe("projects", () => {
  test("one project more than there may be is refused, commits to those that exist are not", async () => {
    const { workspace, account, admit } = setUp({ projects: 2 });
    await workspace.push("app", { a: "1" });
    await workspace.push("web", { a: "1" });
    await expect(admit(1, "third")).rejects.toMatchObject({
      code: "too_large",
      message: expect.stringMatching(/^There are 2 projects, and there may be 2\./),
    });
    const head = await workspace.snapshots.head(TENANT, "web");
    await account.admit(TENANT, { project: "web", head, bytes: 1 });
  });
});

import { describe, expect, test } from "vitest";
import { MIB } from "../../lib/bytes.ts";
import { DAY, HOUR } from "../../lib/duration.ts";
import { MemoryWorkspace } from "../../testing/workspace-memory.ts";
import type { StorageLimits } from "./storage-account.ts";

const TENANT = "u-ada";

function setUp(limits: Partial<StorageLimits> = {}) {
  const workspace = new MemoryWorkspace();
  const { usage, storage: account } = workspace;
  Object.assign(workspace.limits, { storedBytes: 100 * MIB, projects: 2, ...limits });
  const admit = (bytes: number, project = "app") =>
    account.admit(TENANT, { project, head: undefined, files: 1, bytes: 1 }, bytes);
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
    const commitment = { project: "app", head: undefined, files: 1, bytes: 1 };
    await account.admit("u-bob", commitment, 100 * MIB);
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
    await account.admit(TENANT, { project: "web", head, files: 1, bytes: 1 }, 1);
  });
});

describe("files", () => {
  const FILES = { a: "1", b: "2", c: "3" };

  test("a project may have so many, by changes and by pushes, and one that has more may only lose some", async () => {
    const { workspace } = setUp({ filesPerProject: 3 });
    await workspace.push("app", FILES);
    const refused = {
      code: "too_large",
      message:
        "app would have 4 files, and a project may have 3; it has 3. Leave files out (.zenodeignore), delete some, or use several projects.",
    };
    await expect(workspace.push("app", { ...FILES, d: "4" })).rejects.toMatchObject(refused);
    const projects = workspace.projects();
    const base = await projects.open("app");
    const content = new TextEncoder().encode("4");
    const file = { kind: "file" as const, path: "d", content, executable: false };
    await expect(projects.change(base, [file], "")).rejects.toMatchObject(refused);
    workspace.limits.filesPerProject = 1;
    await projects.change(base, [{ ...file, path: "c" }], "");
    const less = await projects.change(base, [{ kind: "absent", path: "a" }], "");
    expect((await workspace.snapshots.head(TENANT, "app"))?.files).toBe(2);
    expect(less.number).toBe(3);
  });
});

describe("snapshots", () => {
  test("so many of a project are there at once; those that were collected make room", async () => {
    const { workspace } = setUp({ snapshotsPerProject: 3 });
    for (const a of ["1", "2", "3"]) await workspace.push("app", { a });
    await expect(workspace.push("app", { a: "4" })).rejects.toMatchObject({
      code: "too_large",
      message:
        "3 snapshots of app are kept, and there may be 3. Old ones go two days after newer ones were made: commit again then, and more changes at a time. It can be deleted at once.",
    });
    expect(await workspace.snapshots.head(TENANT, "app")).toMatchObject({ number: 3 });
    for (let look = 0; look < 2; look += 1) {
      workspace.now += 26 * HOUR;
      await workspace.sweep({ snapshotsKept: 1, daysKept: 1 });
    }
    await workspace.push("app", { a: "4" });
    await workspace.push("app", { a: "5" });
    await expect(workspace.push("app", { a: "6" })).rejects.toMatchObject({ code: "too_large" });
    expect((await workspace.projects().delete("app")).number).toBe(6);
  });
});

test("what is used is told with the limits, by project", async () => {
  const { workspace } = setUp();
  await workspace.push("app", { a: "1" });
  await workspace.push("app", { a: "2" });
  await workspace.push("web", { a: "1" });
  await workspace.projects().delete("web");
  const projects = workspace.projects();
  const use = await projects.storage(await projects.list());
  const stored = new Map(
    [...(await workspace.usage.list(TENANT))].map((one) => [one.project, one.bytes]),
  );
  expect(stored.get("app")).toBeGreaterThan(100);
  expect(use).toEqual({
    ...{
      storedBytes: 100 * MIB,
      projects: 2,
      filesPerProject: 200_000,
      snapshotsPerProject: 20_000,
    },
    usedBytes: (stored.get("app") ?? 0) + (stored.get("web") ?? 0),
    kept: new Map([["app", { bytes: stored.get("app"), snapshots: 2 }]]),
  });
});

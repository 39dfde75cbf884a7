import { mkdtemp, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Entry, FileEntry, LinkEntry, Snapshot } from "@zenode/core";
import { MemoryWorkspace } from "@zenode/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkoutSnapshot } from "./checkout.ts";
import { nodeCodec } from "./codec-node.ts";
import { openFolder, scanFolder } from "./folder.ts";

let base: string;
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "zenode-checkout-"));
});
afterEach(() => rm(base, { recursive: true }));

async function pushed(files: Parameters<MemoryWorkspace["push"]>[1]): Promise<Snapshot> {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", files);
  return workspace.projects().open("app");
}

test("a checkout is what was pushed: contents, modes, links", async () => {
  const large = crypto.getRandomValues(new Uint8Array(60_000));
  const snapshot = await pushed({
    "README.md": "# app\n",
    "bin/run*": "#!/bin/sh\n",
    "src/deep/down/empty": "",
    "src/same": "# app\n",
    "src/link": { link: "../README.md" },
    large,
  });
  const folder = path.join(base, "new/folder");
  const told: string[] = [];
  const outcome = await checkoutSnapshot(snapshot, folder, {
    onProgress: (written, total) => told.push(`${written}/${total}`),
  });
  expect(outcome).toEqual({ files: 5, links: 1, bytes: 60_022 });
  expect(told).toEqual(["1/5", "2/5", "3/5", "4/5", "5/5"]);
  expect((await stat(path.join(folder, "bin/run"))).mode & 0o111).toBe(0o111);
  expect((await stat(path.join(folder, "README.md"))).mode & 0o111).toBe(0);
  expect(await readlink(path.join(folder, "src/link"))).toBe("../README.md");
  // Pushed from there, it is the same tree again.
  const again = new MemoryWorkspace();
  await again.push("app", {}, { source: openFolder(folder), codec: nodeCodec });
  expect((await again.snapshots.head("u-ada", "app"))?.root).toBe(await rootOf(folder, snapshot));
});

/** The root of a fresh push of the same files, made from the snapshot. */
async function rootOf(folder: string, snapshot: Snapshot): Promise<string | undefined> {
  const workspace = new MemoryWorkspace();
  const files: Record<string, Uint8Array | { link: string }> = {};
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "link") files[entry.path] = { link: entry.target };
    else {
      const name = entry.executable ? `${entry.path}*` : entry.path;
      files[name] = await snapshot.read(entry.path, 1_000_000);
    }
  }
  expect(await scanFolder(folder)).toHaveLength(Object.keys(files).length);
  await workspace.push("app", files);
  return (await workspace.snapshots.head("u-ada", "app"))?.root;
}

describe("a checkout is refused", () => {
  test("into a folder that is not empty", async () => {
    await writeFile(path.join(base, "mine"), "precious");
    const refused = checkoutSnapshot(await pushed({ mine: "theirs" }), base);
    await expect(refused).rejects.toMatchObject({ code: "conflict" });
  });

  test.each([
    ["an absolute link", { kind: "link", path: "a", target: "/etc" }],
    ["a link above the folder", { kind: "link", path: "a", target: "../b" }],
    ["a link through a link", { kind: "link", path: "d/a", target: "l/../../.." }],
    ["a file above the folder", { ...file("../a") }],
    ["a file at an absolute path", { ...file("/a") }],
  ] satisfies readonly (readonly [string, Entry])[])(
    "with %s, before anything is written",
    async (_, entry) => {
      const folder = path.join(base, "out");
      const refused = checkoutSnapshot(hostile([file("good"), entry]), folder);
      await expect(refused).rejects.toMatchObject({ code: "invalid_path" });
      expect(await readdir(folder)).toEqual([]);
      expect(await readdir(base)).toEqual(["out"]);
    },
  );

  test("when it is aborted", async () => {
    const stop = new AbortController();
    stop.abort();
    const refused = checkoutSnapshot(await pushed({ a: "1" }), base, { signal: stop.signal });
    await expect(refused).rejects.toMatchObject({ name: "AbortError" });
  });

  test("where one path is a file and a directory", async () => {
    const refused = checkoutSnapshot(hostile([file("a"), file("a/b")]), base);
    await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/EEXIST|EISDIR/) });
  });
});

function file(name: string): FileEntry {
  return { kind: "file", path: name, bytes: 1, executable: false, blob: "0".repeat(64) };
}

/** A snapshot that no server of ours would give. */
function hostile(entries: readonly (FileEntry | LinkEntry)[]): Snapshot {
  const unused = () => Promise.reject(new Error("A checkout does not ask for this."));
  return {
    project: "app",
    number: 1,
    entry: unused,
    list: unused,
    read: unused,
    readParts() {
      throw new Error("A checkout does not ask for this.");
    },
    async *walk() {
      yield* entries;
    },
    async *readMany(files) {
      for (const one of files) yield { file: one, content: Uint8Array.of(1) };
    },
  };
}

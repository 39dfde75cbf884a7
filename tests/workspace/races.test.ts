import { execFileSync } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type FileEntry, MAX_FILE_BYTES, type Snapshot } from "@zenode/core";
import { MemoryWorkspace } from "@zenode/core/testing";
import { checkoutSnapshot, FolderProjects, nodeCodec, openFolder, scanFolder } from "@zenode/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let top: string;
beforeEach(async () => {
  top = await realpath(await mkdtemp(path.join(os.tmpdir(), "zenode-race-")));
  await mkdir(path.join(top, "outside"));
  await writeFile(path.join(top, "outside/file"), "secret");
  await mkdir(path.join(top, "mine/sub"), { recursive: true });
  await writeFile(path.join(top, "mine/sub/file"), "mine");
});
afterEach(() => rm(top, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(top, ...names);
const pipe = (file: string) => execFileSync("mkfifo", [file]);

/** What somebody does to `mine` between the look and the reading. */
const SWAPS: readonly (readonly [what: string, swap: () => Promise<void>])[] = [
  [
    "a file for a link out",
    async () => {
      await rm(at("mine/sub/file"));
      await symlink(at("outside/file"), at("mine/sub/file"));
    },
  ],
  [
    "its directory for a link out",
    async () => {
      await rename(at("mine/sub"), at("mine/old"));
      await symlink(at("outside"), at("mine/sub"));
    },
  ],
  [
    "its directory for a link that stays",
    async () => {
      await rename(at("mine/sub"), at("mine/old"));
      await symlink("old", at("mine/sub"));
    },
  ],
  [
    "a file for a pipe nobody writes to",
    async () => {
      await rm(at("mine/sub/file"));
      pipe(at("mine/sub/file"));
    },
  ],
  [
    "a file for a directory",
    async () => {
      await rm(at("mine/sub/file"));
      await mkdir(at("mine/sub/file"));
    },
  ],
  ["a file for nothing", () => rm(at("mine/sub/file"))],
];

describe("who swaps, after it was found,", () => {
  test.each(SWAPS)("%s, has a push refused, and nothing of it sent", async (_, swap) => {
    const workspace = new MemoryWorkspace();
    const found = await scanFolder(at("mine"));
    expect(found.map((file) => file.path)).toEqual(["sub/file"]);
    await swap();
    const pushed = workspace.push("app", {}, { source: { list: async () => found } });
    await expect(pushed).rejects.toMatchObject({ name: "RefusedError" });
    expect(workspace.packs.keys()).toEqual([]);
  });

  test.each(SWAPS)("%s, has a local project's read refused", async (_, swap) => {
    const projects = await FolderProjects.of(at("mine"));
    const snapshot = await projects.open(projects.name);
    const entry = (await snapshot.entry("sub/file")) as FileEntry;
    await swap();
    await expect(snapshot.read("sub/file", 100)).rejects.toMatchObject({ name: "RefusedError" });
    const seen: string[] = [];
    for await (const { content } of snapshot.readMany([entry])) {
      seen.push(new TextDecoder().decode(content));
    }
    expect(seen).toEqual([]);
  });
});

describe("a file that becomes a link after it was read", () => {
  /** Pushes `mine`, whose file is swapped once all is hashed. */
  function pushSwapping(workspace: MemoryWorkspace) {
    const transport = workspace.transport();
    const begin: typeof transport.begin = async (request) => {
      await rm(at("mine/sub/file"));
      await symlink(at("outside/file"), at("mine/sub/file"));
      return transport.begin(request);
    };
    const source = openFolder(at("mine"));
    return workspace.push(
      "app",
      {},
      { source, codec: nodeCodec, transport: { ...transport, begin } },
    );
  }

  test("is sent as it was", async () => {
    const workspace = new MemoryWorkspace();
    await pushSwapping(workspace);
    const pushed = await workspace.projects().open("app");
    const content = await pushed.read("sub/file", 100);
    expect(new TextDecoder().decode(content)).toBe("mine");
  });

  test("is not sent if it has to be read again", async () => {
    await writeFile(at("mine/large"), "");
    await truncate(at("mine/large"), MAX_FILE_BYTES);
    const workspace = new MemoryWorkspace();
    await expect(pushSwapping(workspace)).rejects.toMatchObject({ name: "RefusedError" });
    expect(workspace.packs.keys().filter((key) => key.startsWith("users/"))).toEqual([]);
  });
});

describe("while a project is checked out", () => {
  /** Of two files in two directories; `between` runs before the second is written. */
  function snapshotOf(between: () => Promise<void>): Snapshot {
    const unused = () => Promise.reject(new Error("A checkout does not ask for this."));
    const file = (name: string): FileEntry => ({
      ...{ kind: "file", path: name, bytes: 4, executable: false, blob: "0".repeat(64) },
    });
    return {
      ...{ project: "app", number: 1, entry: unused, list: unused, read: unused },
      readParts() {
        throw new Error("A checkout does not ask for this.");
      },
      async *walk() {
        yield* [file("a/new"), file("b/new"), { kind: "link" as const, path: "c/l", target: "x" }];
      },
      async *readMany([first, second]) {
        if (first) yield { file: first, content: Buffer.from("text") };
        await between();
        if (second) yield { file: second, content: Buffer.from("text") };
      },
    };
  }

  const swapFor = (name: string) => async () => {
    await rm(at("out", name), { recursive: true });
    await symlink(at("outside"), at("out", name));
  };

  test("no content goes through a directory that became a link", async () => {
    const checkout = checkoutSnapshot(snapshotOf(swapFor("b")), at("out"));
    await expect(checkout).rejects.toMatchObject({ code: "conflict" });
    expect(await readFile(at("outside/file"), "utf8")).toBe("secret");
    const left = await readdir(at("outside"));
    for (const name of left.filter((one) => one !== "file")) {
      expect(await readFile(at("outside", name), "utf8")).toBe("");
    }
  });

  test("no link is made in one", async () => {
    const checkout = checkoutSnapshot(snapshotOf(swapFor("c")), at("out"));
    await expect(checkout).rejects.toMatchObject({ code: "conflict" });
    expect(await readdir(at("outside"))).toEqual(["file"]);
  });

  test("no file that is there already is written to, nor what a link there leads to", async () => {
    const link = () => symlink(at("outside/file"), at("out/b/new"));
    const checkout = checkoutSnapshot(snapshotOf(link), at("out"));
    await expect(checkout).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(at("outside/file"), "utf8")).toBe("secret");
  });
});

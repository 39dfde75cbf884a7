import { describe, expect, test } from "vitest";
import { HOUR } from "../lib/duration.ts";
import { allPages } from "../testing/all-pages.ts";
import {
  type Files,
  MemoryWorkspace,
  makePrincipal,
  toSourceFiles,
} from "../testing/workspace-memory.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { PackWriter } from "./pack-writer.ts";
import type { PushProgress } from "./push-client.ts";
import type { CommitPushRequest } from "./push-wire.ts";
import { encodeTree, type TreeEntry } from "./tree.ts";

const FILES: Files = {
  "README.md": "# app\n",
  "bin/run*": "#!/bin/sh\n",
  "src/index.ts": "export {};\n",
  "src/lib/deep.ts": "export const deep = 1;\n",
  "src/latest": { link: "lib/deep.ts" },
};

async function contents(workspace: MemoryWorkspace, project = "app") {
  const snapshot = await workspace.projects().open(project);
  const found: Record<string, string> = {};
  for await (const entry of snapshot.walk()) {
    found[entry.path] =
      entry.kind === "link"
        ? `-> ${entry.target}`
        : new TextDecoder().decode(await snapshot.read(entry.path, 1_000));
  }
  return found;
}

describe("a push", () => {
  test("of a new project is its first snapshot", async () => {
    const workspace = new MemoryWorkspace();
    const outcome = await workspace.push("app", FILES, { message: "hello" });
    expect(outcome).toMatchObject({
      kind: "committed",
      snapshot: 1,
      files: 5,
      bytes: 50,
      skipped: [],
    });
    expect(await contents(workspace)).toEqual({
      "README.md": "# app\n",
      "bin/run": "#!/bin/sh\n",
      "src/index.ts": "export {};\n",
      "src/latest": "-> lib/deep.ts",
      "src/lib/deep.ts": "export const deep = 1;\n",
    });
    expect(await workspace.snapshots.head("u-ada", "app")).toMatchObject({
      number: 1,
      author: "ada",
      message: "hello",
      createdAt: 1_790_000_000_000,
      files: 5,
      bytes: 50,
    });
  });

  test("is told once, with each new snapshot and not without one", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", FILES);
    await workspace.push("app", FILES);
    await workspace.push("app", { ...FILES, more: "1" });
    expect(workspace.commits).toEqual(["app 1", "app 2"]);
  });

  test("of the same files changes nothing and uploads nothing", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", FILES);
    const again = await workspace.push("app", FILES);
    expect(again).toMatchObject({
      kind: "unchanged",
      snapshot: 1,
      uploaded: { packs: 0, bytes: 0 },
    });
  });

  test("of one changed file uploads that file and the trees above it", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", FILES);
    const outcome = await workspace.push("app", { ...FILES, "src/lib/deep.ts": "changed\n" });
    expect(outcome).toMatchObject({
      kind: "committed",
      snapshot: 2,
      uploaded: { blobs: 4, packs: 1 },
    });
    expect((await contents(workspace))["src/lib/deep.ts"]).toBe("changed\n");
    expect((await contents(workspace))["README.md"]).toBe("# app\n");
  });

  test("that removes all files leaves an empty project and needs no old pack", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", FILES);
    await workspace.push("app", {});
    expect(await contents(workspace)).toEqual({});
    expect((await workspace.snapshots.head("u-ada", "app"))?.packs).toHaveLength(1);
  });

  test("leaves out links that lead outside and names that are no paths, and says so", async () => {
    const workspace = new MemoryWorkspace();
    const outcome = await workspace.push("app", {
      ok: "1",
      "out/link": { link: "../../etc/passwd" },
      "in/link": { link: "../ok" },
      "a\\b": "2",
    });
    expect(outcome.skipped.map(({ path }) => path)).toEqual(["out/link", "a\\b"]);
    expect(await contents(workspace)).toEqual({ ok: "1", "in/link": "-> ../ok" });
  });

  test("tells how far it is", async () => {
    const told: PushProgress[] = [];
    await new MemoryWorkspace().push("app", FILES, {
      onProgress: (progress) => told.push(progress),
    });
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual([
      "hash",
      "compare",
      "upload",
      "commit",
    ]);
    expect(told.findLast(({ phase }) => phase === "hash")).toMatchObject({ files: 5, bytes: 50 });
  });

  test("keeps projects and tenants apart", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", FILES);
    const eve = makePrincipal({ tenant: "u-eve" });
    const foreign = await workspace.push("app", FILES, { transport: workspace.transport(eve) });
    expect(foreign).toMatchObject({ kind: "committed", snapshot: 1, uploaded: { packs: 1 } });
    expect((await workspace.projects({ tenant: "u-eve" }).list()).map(({ name }) => name)).toEqual([
      "app",
    ]);
    expect(await workspace.projects({ tenant: "u-mallory" }).list()).toEqual([]);
  });

  test("stops when it is told to, and leaves no snapshot", async () => {
    const workspace = new MemoryWorkspace();
    const stop = new AbortController();
    const pushing = workspace.push("app", FILES, {
      signal: stop.signal,
      onProgress: ({ phase }) => phase === "upload" && stop.abort(),
    });
    await expect(pushing).rejects.toMatchObject({ name: "AbortError" });
    expect(await workspace.projects().list()).toEqual([]);
    expect(workspace.packs.keys().filter((key) => key.startsWith("users/"))).toEqual([]);
  });

  describe("of a file that changes meanwhile", () => {
    const fileOf = (path: string, bytes: number, read: () => Promise<Uint8Array>) => ({
      ...{ kind: "file" as const, path, bytes, executable: false, read },
    });
    const logFile = () => {
      let reads = 0;
      return fileOf("log", 1, async () => new TextEncoder().encode(`${reads++}`));
    };

    test("has it as it was when it was read", async () => {
      const workspace = new MemoryWorkspace();
      await workspace.push("app", {}, { source: { list: async () => [logFile()] } });
      const snapshot = await workspace.projects().open("app");
      expect(new TextDecoder().decode(await snapshot.read("log", 1))).toBe("0");
    });

    test("is refused where there is too much to keep, so that it is read again", async () => {
      const much = fileOf("a", MAX_FILE_BYTES, async () => new Uint8Array(MAX_FILE_BYTES));
      const list = async () => [much, logFile()];
      const pushing = new MemoryWorkspace().push("app", {}, { source: { list } });
      await expect(pushing).rejects.toMatchObject({ code: "conflict" });
    });
  });

  test("leaves packs behind that nothing reachable lies in", async () => {
    const workspace = new MemoryWorkspace();
    for (let round = 0; round < 5; round++)
      await workspace.push("app", { a: `${round}`, b: "same" });
    // The last push's, and the first for `b`.
    expect((await workspace.snapshots.head("u-ada", "app"))?.packs).toHaveLength(2);
    expect(await contents(workspace)).toEqual({ a: "4", b: "same" });
  });
});

describe("when two push at once", () => {
  test("the later one is told that the head moved, and to what", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", FILES);
    const transport = workspace.transport();
    const slow = workspace.push(
      "app",
      { a: "mine" },
      {
        transport: {
          ...transport,
          commit: async (request) => {
            await workspace.push("app", { a: "theirs" });
            return transport.commit(request);
          },
        },
      },
    );
    await expect(slow).rejects.toMatchObject({
      code: "conflict",
      message: "This push began at snapshot 1, but app is at snapshot 2 (by ada). Begin again.",
    });
    expect(await contents(workspace)).toEqual({ a: "theirs" });
  });

  test("and both push the same, both are content", async () => {
    const workspace = new MemoryWorkspace();
    const outcomes = await Promise.all([
      workspace.push("app", FILES),
      workspace.push("app", FILES),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["committed", "unchanged"]);
  });

  test("a push whose answer was lost is known again, also after others went on from it", async () => {
    const workspace = new MemoryWorkspace();
    const transport = workspace.transport();
    const outcome = await workspace.push("app", FILES, {
      transport: {
        ...transport,
        commit: async (request) => {
          await transport.commit(request);
          await workspace.push("app", { a: "later" });
          return transport.commit(request);
        },
      },
    });
    expect(outcome).toMatchObject({ kind: "unchanged", snapshot: 1, files: 5 });
    expect(await contents(workspace)).toEqual({ a: "later" });
    // Told again: whoever committed may have died before it told anybody.
    expect(workspace.commits).toEqual(["app 1", "app 2", "app 1"]);
  });

  test("a base that is not the head is refused even when asked for by name", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", { a: "1" });
    await workspace.push("app", { a: "2" });
    await expect(workspace.push("app", { a: "3" }, { base: 1 })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("the server refuses", () => {
  const commit = (workspace: MemoryWorkspace, root: string, uploads: readonly string[]) =>
    workspace
      .transport()
      .commit({ project: "app", base: 0, root, uploads: [...uploads], message: "" });

  async function upload(workspace: MemoryWorkspace, body: Uint8Array): Promise<string> {
    const transport = workspace.transport();
    const { uploads } = await transport.upload({ project: "app", packs: [body.length] });
    const [target] = uploads;
    if (!target) throw new Error("One was asked for.");
    await transport.put(target.url, body);
    return target.upload;
  }

  /** Pushes trees as a client does that insists. The last one is the root. */
  async function insist(workspace: MemoryWorkspace, ...trees: readonly (readonly TreeEntry[])[]) {
    const writer = new PackWriter(workspace.codec);
    let root = "";
    for (const content of trees.map(encodeTree)) {
      root = workspace.codec.sha256(content);
      await writer.add(root, content, "tree");
    }
    return commit(workspace, root, [await upload(workspace, (await writer.finish()).body)]);
  }

  test("links that lead outside", async () => {
    const outside: readonly TreeEntry[][] = [
      [{ kind: "link", name: "a", target: "/etc" }],
      [{ kind: "link", name: "a", target: ".." }],
      [{ kind: "link", name: "a", target: "b/../.." }],
    ];
    for (const tree of outside) {
      await expect(insist(new MemoryWorkspace(), tree)).rejects.toMatchObject({
        code: "invalid_path",
      });
    }
  });

  test("links that lead outside from further down, but not those that stay", async () => {
    const workspace = new MemoryWorkspace();
    const below: readonly TreeEntry[] = [{ kind: "link", name: "up", target: "../.." }];
    const bytes = encodeTree(below).length;
    const blob = workspace.codec.sha256(encodeTree(below));
    const middle: readonly TreeEntry[] = [{ kind: "directory", name: "b", bytes, blob }];
    const top: readonly TreeEntry[] = [
      {
        kind: "directory",
        name: "a",
        bytes: encodeTree(middle).length,
        blob: workspace.codec.sha256(encodeTree(middle)),
      },
    ];
    await expect(insist(workspace, below, middle)).rejects.toMatchObject({ code: "invalid_path" });
    await expect(insist(workspace, below, middle, top)).resolves.toMatchObject({ files: 1 });
  });

  test("a tree whose files were not uploaded", async () => {
    const tree: TreeEntry = {
      kind: "file",
      name: "a",
      executable: false,
      bytes: 1,
      blob: "0".repeat(64),
    };
    await expect(insist(new MemoryWorkspace(), [tree])).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("a root that was not uploaded", async () => {
    const workspace = new MemoryWorkspace();
    await expect(commit(workspace, "0".repeat(64), [])).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("a small upload that stands for endless files", async () => {
    const workspace = new MemoryWorkspace();
    const content = new TextEncoder().encode("x");
    const trees: TreeEntry[][] = [
      [
        {
          kind: "file",
          name: "f",
          executable: false,
          bytes: 1,
          blob: workspace.codec.sha256(content),
        },
      ],
    ];
    const writer = new PackWriter(workspace.codec);
    await writer.add(workspace.codec.sha256(content), content, "file");
    let root = "";
    for (let level = 0; level < 40; level++) {
      const tree = encodeTree(trees[level] ?? []);
      root = workspace.codec.sha256(tree);
      await writer.add(root, tree, "tree");
      const twice = { kind: "directory" as const, bytes: tree.length, blob: root };
      trees.push([
        { ...twice, name: "a" },
        { ...twice, name: "b" },
      ]);
    }
    const pushed = commit(workspace, root, [await upload(workspace, (await writer.finish()).body)]);
    await expect(pushed).rejects.toMatchObject({ code: "too_large" });
  });

  test("a size that is not the file's", async () => {
    const workspace = new MemoryWorkspace();
    const content = new TextEncoder().encode("four");
    const blob = workspace.codec.sha256(content);
    const tree = encodeTree([{ kind: "file", name: "a", executable: false, bytes: 5, blob }]);
    const writer = new PackWriter(workspace.codec);
    await writer.add(blob, content, "file");
    await writer.add(workspace.codec.sha256(tree), tree, "tree");
    const sent = await upload(workspace, (await writer.finish()).body);
    await expect(commit(workspace, workspace.codec.sha256(tree), [sent])).rejects.toMatchObject({
      code: "corrupt",
    });
  });

  test("an upload that is no pack", async () => {
    const workspace = new MemoryWorkspace();
    const sent = await upload(workspace, new TextEncoder().encode("no pack at all"));
    await expect(commit(workspace, "0".repeat(64), [sent])).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("an upload that is gone, of another tenant, or no id", async () => {
    const workspace = new MemoryWorkspace();
    const gone = `upload_${"0".repeat(32)}`;
    await expect(commit(workspace, "0".repeat(64), [gone])).rejects.toMatchObject({
      code: "expired",
    });
    const mine = await upload(workspace, (await new PackWriter(workspace.codec).finish()).body);
    const eve = workspace.transport(makePrincipal({ tenant: "u-eve" }));
    const theft = { project: "app", base: 0, root: "0".repeat(64), uploads: [mine], message: "" };
    await expect(eve.commit(theft)).rejects.toMatchObject({ code: "expired" });
    await expect(commit(workspace, "0".repeat(64), ["upload_../../x"])).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("an upload that came half a day ago: its pack may be on its way out", async () => {
    const workspace = new MemoryWorkspace();
    const transport = workspace.transport();
    const late = {
      ...transport,
      commit: (request: CommitPushRequest) => {
        workspace.now += 12 * HOUR + 1;
        return transport.commit(request);
      },
    };
    const push = workspace.push("app", FILES, { transport: late });
    await expect(push).rejects.toMatchObject({ code: "expired" });
    expect(await workspace.snapshots.head("u-ada", "app")).toBeUndefined();
  });

  test("a caller without the scope to write", async () => {
    const workspace = new MemoryWorkspace();
    const transport = workspace.transport(makePrincipal({ scopes: new Set(["read"]) }));
    await expect(workspace.push("app", FILES, { transport })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("project names that are none", async () => {
    for (const name of ["../x", "A", "", "a/b"]) {
      await expect(new MemoryWorkspace().push(name, FILES)).rejects.toMatchObject({
        code: "invalid_input",
      });
    }
  });
});

test("a push of 2,000 files is four requests and a copy", async () => {
  const workspace = new MemoryWorkspace();
  const files: Record<string, string> = {};
  for (let at = 0; at < 2_000; at++) files[`d${at % 50}/f${at}`] = `content ${at}\n`;
  const told: string[] = [];
  const transport = workspace.transport();
  const counted = {
    begin: (request: Parameters<typeof transport.begin>[0]) => {
      told.push("begin");
      return transport.begin(request);
    },
    upload: (request: Parameters<typeof transport.upload>[0]) => {
      told.push("upload");
      return transport.upload(request);
    },
    put: (url: string, body: Uint8Array) => {
      told.push("put");
      return transport.put(url, body);
    },
    commit: (request: Parameters<typeof transport.commit>[0]) => {
      told.push("commit");
      return transport.commit(request);
    },
  };
  const source = { list: async () => toSourceFiles(files) };
  await workspace.push("app", {}, { source, transport: counted });
  expect(told).toEqual(["begin", "upload", "put", "commit"]);
  expect(workspace.packs.requests).toMatchObject({ adopt: 1, put: 0, read: 0 });
});

describe("packs of pushes are few", () => {
  const bytesOf = (seed: number) => new TextEncoder().encode(`${seed} `.repeat(200));

  test("hundreds of small pushes leave a dozen packs, and every file is there", async () => {
    const workspace = new MemoryWorkspace();
    const files: Record<string, Uint8Array> = {};
    for (let at = 0; at < 120; at += 1) {
      files[`${at}.txt`] = bytesOf(at);
      await workspace.push("app", files);
    }
    const head = await workspace.snapshots.head("u-ada", "app");
    expect(head?.packs.length).toBeLessThanOrEqual(13);
    const found = await contents(workspace);
    expect(Object.keys(found)).toHaveLength(120);
    expect(found["77.txt"]).toBe("77 ".repeat(200));
    expect(await workspace.usage.list("u-ada")).toMatchObject([
      { bytes: await storedBytes(workspace) },
    ]);
  });

  test("a pack of which a push leaves less than half is written anew without the rest", async () => {
    const workspace = new MemoryWorkspace();
    const random = (at: number) => randomContent(at, 2_000_000);
    const all = Object.fromEntries([0, 1, 2, 3, 4, 5].map((at) => [`${at}.bin`, random(at)]));
    await workspace.push("app", all);
    const { "0.bin": kept = new Uint8Array() } = all;
    await workspace.push("app", { "0.bin": kept });
    const head = await workspace.snapshots.head("u-ada", "app");
    const bytes = head?.packs.reduce((sum, pack) => sum + pack.bytes, 0) ?? 0;
    expect(bytes).toBeGreaterThan(2_000_000);
    expect(bytes).toBeLessThan(2_100_000);
    const snapshot = await workspace.projects().open("app");
    expect(await snapshot.read("0.bin", 3_000_000)).toEqual(kept);
  });

  test("what can't be read is left where it is, and does not stop a push", async () => {
    const workspace = new MemoryWorkspace();
    const files: Record<string, Uint8Array> = { "0.txt": bytesOf(0) };
    await workspace.push("app", files);
    const [key = ""] = workspace.packs.keys().filter((each) => each.startsWith("users/"));
    const id = key.split("/").at(-1) ?? "";
    const body = await workspace.packs.read("u-ada", "app", id, 0, 1_000_000);
    workspace.packs.overwrite(
      key,
      body.map((byte, at) => (at < 3 ? byte ^ 255 : byte)),
    );
    for (let at = 1; at < 30; at += 1) {
      files[`${at}.txt`] = bytesOf(at);
      expect(await workspace.push("app", files)).toMatchObject({ snapshot: at + 1 });
    }
  });

  async function storedBytes(workspace: MemoryWorkspace): Promise<number> {
    const packs = await allPages(workspace.packs.list("u-ada", "app"));
    return packs.reduce((sum, { bytes }) => sum + bytes, 0);
  }
});

/** Nothing that DEFLATE could shrink. */
function randomContent(seed: number, length: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

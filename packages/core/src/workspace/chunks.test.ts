import { beforeAll, describe, expect, test } from "vitest";
import { MIB } from "../lib/bytes.ts";
import { noise } from "../testing/noise.ts";
import { MemoryWorkspace } from "../testing/workspace-memory.ts";
import { concatBytes } from "./byte-writer.ts";
import type { FileChange } from "./change/file-change.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { PackWriter } from "./pack-writer.ts";
import type { Snapshot } from "./projects.ts";
import { type BlobReference, encodeTree } from "./tree.ts";
import type { PendingUpload, UploadJournal } from "./upload-journal.ts";

const LARGE = noise(6 * MIB, 7);
/** The same with a line in the middle. */
const EDITED = concatBytes([
  LARGE.subarray(0, 3_000_000),
  new TextEncoder().encode("a line\n"),
  LARGE.subarray(3_000_000),
]);

const small = (path: string, text: string): FileChange => ({
  ...{ kind: "file", path, content: new TextEncoder().encode(text), executable: false },
});
const large = (content: Uint8Array): FileChange => ({
  ...{ kind: "file", path: "large", content, executable: false },
});

async function isLarge(snapshot: Snapshot, content: Uint8Array): Promise<boolean> {
  return Buffer.compare(await snapshot.read("large", MAX_FILE_BYTES), content) === 0;
}

describe("a large file", () => {
  let workspace: MemoryWorkspace;
  beforeAll(async () => {
    workspace = new MemoryWorkspace();
    await workspace.push("app", { "a.txt": "a", large: LARGE });
  });

  test("is read whole, by itself and among others, by a tool and by a client", async () => {
    const snapshot = await workspace.projects().open("app");
    expect(await isLarge(snapshot, LARGE)).toBe(true);
    const remote = await workspace.remote("app").open();
    if (!remote) throw new Error("It was pushed.");
    for (const one of [snapshot, remote.snapshot]) {
      const entries = [await one.entry("large"), await one.entry("a.txt")];
      const sizes: [string, number][] = [];
      const files = entries.filter((entry) => entry.kind === "file");
      for await (const { file, content } of one.readMany(files)) {
        sizes.push([file.path, content.length]);
      }
      expect(sizes.sort()).toEqual([
        ["a.txt", 1],
        ["large", 6_291_456],
      ]);
    }
  });

  test("costs who reads its beginning or its end a chunk of it", async () => {
    for (const from of ["start", "end"] as const) {
      const snapshot = await workspace.projects().open("app");
      await snapshot.entry("large");
      const before = workspace.packs.requests.read;
      const parts = snapshot.readParts("large", from)[Symbol.asyncIterator]();
      const { value: first } = await parts.next();
      await parts.return?.();
      expect(workspace.packs.requests.read - before).toBe(1);
      const { content, isLast } = first;
      expect(isLast).toBe(false);
      const { length } = content;
      const there = from === "start" ? LARGE.subarray(0, length) : LARGE.slice(-length);
      expect(Buffer.compare(content, there)).toBe(0);
    }
  });

  test("comes in parts that are the whole, from both sides", async () => {
    const snapshot = await workspace.projects().open("app");
    const parts: Record<string, Uint8Array[]> = { start: [], end: [] };
    for (const from of ["start", "end"] as const) {
      for await (const part of snapshot.readParts("large", from)) parts[from]?.push(part.content);
    }
    expect(Buffer.compare(concatBytes(parts.start ?? []), LARGE)).toBe(0);
    expect(Buffer.compare(concatBytes(parts.end?.reverse() ?? []), LARGE)).toBe(0);
  });
});

describe("of a large file that was changed, only the chunks that changed are stored again", () => {
  test("by a push", async () => {
    const workspace = new MemoryWorkspace();
    const first = await workspace.push("app", { large: LARGE });
    expect(first.uploaded.bytes).toBeGreaterThan(6 * MIB);
    const second = await workspace.push("app", { large: EDITED });
    expect(second.uploaded.bytes).toBeLessThan(4 * MIB);
    const snapshot = await workspace.projects().open("app");
    expect(await isLarge(snapshot, EDITED)).toBe(true);
    expect(await isLarge(await workspace.projects().openAt("app", 1), LARGE)).toBe(true);
  });

  test("by a tool", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", { large: LARGE });
    const projects = workspace.projects();
    const before = workspace.packs.bytes;
    const next = await projects.change(await projects.open("app"), [large(EDITED)], "edit");
    expect(workspace.packs.bytes - before).toBeLessThan(4 * MIB);
    expect(await isLarge(next, EDITED)).toBe(true);
    expect(await isLarge(await workspace.projects().open("app"), EDITED)).toBe(true);
  });

  test("by a push that goes on where an earlier one was cut", async () => {
    const workspace = new MemoryWorkspace();
    const pending: PendingUpload[] = [];
    const journal: UploadJournal = {
      list: async () => pending,
      add: async (upload) => void pending.push(upload),
      clear: async () => void pending.splice(0),
    };
    await workspace.push("app", { "a.txt": "a" });
    const much = noise(34 * MIB, 8);
    const transport = workspace.transport();
    const { pushChanges } = await import("./sync/push-changes.ts");
    const order = (cut: boolean) => {
      let puts = 0;
      const put: typeof transport.put = async (url, body) => {
        if (cut && ++puts === 2) throw new Error("cut");
        await transport.put(url, body);
      };
      const { codec } = workspace;
      const leaf = { kind: "file", executable: false } as const;
      const local = new Map([["large", { ...leaf, blob: codec.sha256(much), bytes: much.length }]]);
      const offer = () => ({ kind: "file" as const, bytes: much.length, read: async () => much });
      return pushChanges({
        ...{ project: "app", message: "", base: new Map(), local, offer, codec, journal },
        remote: workspace.remote("app"),
        transport: { ...transport, put },
      });
    };
    await expect(order(true)).rejects.toThrow("cut");
    expect(await order(false)).toMatchObject({ kind: "committed", uploaded: { packs: 1 } });
    const snapshot = await workspace.projects().open("app");
    expect(await isLarge(snapshot, much)).toBe(true);
    expect(pending).toEqual([]);
  }, 60_000);
});

describe("chunks are kept as long as their file is", () => {
  test("through many edits, whose packs are merged", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", { large: LARGE });
    const projects = workspace.projects();
    await projects.change(await projects.open("app"), [large(EDITED)], "edit");
    for (let round = 0; round < 30; round++) {
      await projects.change(await projects.open("app"), [small("a", `${round}`)], "edit");
    }
    expect((await workspace.snapshots.head("u-ada", "app"))?.packs.length).toBeLessThan(15);
    expect(await isLarge(await workspace.projects().open("app"), EDITED)).toBe(true);
  });

  test("and a file whose chunks went is sent again, though a pack that stayed lists them", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", { large: LARGE });
    // Its pack lists the edited file, whose chunks lie mostly in the first, and holds what stays.
    await workspace.push("app", { large: EDITED, stays: "x" });
    await workspace.push("app", { stays: "x" });
    const head = await workspace.snapshots.head("u-ada", "app");
    expect(head?.packs.length).toBe(2);
    await workspace.push("app", { large: EDITED, stays: "x" });
    expect(await isLarge(await workspace.projects().open("app"), EDITED)).toBe(true);
  });

  test("and come back with a file that is restored", async () => {
    const workspace = new MemoryWorkspace();
    await workspace.push("app", { large: LARGE });
    await workspace.push("app", { large: EDITED, stays: "x" });
    await workspace.push("app", { stays: "x" });
    const projects = workspace.projects();
    const snapshot = await projects.openAt("app", 2);
    const change = { kind: "copy", path: "large", from: "large", snapshot } as const;
    const next = await projects.change(await projects.open("app"), [change], "restore");
    expect(await isLarge(next, EDITED)).toBe(true);
    const packs = (await workspace.snapshots.head("u-ada", "app"))?.packs.map(({ id }) => id);
    expect(new Set(packs).size).toBe(packs?.length);
  });
});

describe("a pack that lies about chunks is refused:", () => {
  const file = noise(300_000, 9);
  const codec = new MemoryWorkspace().codec;
  const chunk = { blob: codec.sha256(file), bytes: file.length };
  const whole = { blob: "f".repeat(64), bytes: 600_000 };

  async function commit(chunks: readonly BlobReference[], root: Uint8Array) {
    const workspace = new MemoryWorkspace();
    const writer = new PackWriter(codec);
    await writer.add(chunk.blob, file, "file");
    await writer.add(codec.sha256(root), root, "tree");
    writer.addChunked(whole.blob, chunks);
    const { body } = await writer.finish();
    const transport = workspace.transport();
    const { uploads } = await transport.upload({ project: "app", packs: [body.length] });
    await transport.put(uploads[0]?.url ?? "", body);
    const sent = uploads.map(({ upload }) => upload);
    const request = { project: "app", base: 0, uploads: sent, message: "" };
    return transport.commit({ ...request, root: codec.sha256(root) });
  }

  const rootOf = (bytes: number) =>
    encodeTree([{ kind: "file", name: "f", executable: false, blob: whole.blob, bytes }]);

  test("one that is right is not", async () => {
    const committed = await commit([chunk, chunk], rootOf(600_000));
    expect(committed).toMatchObject({ kind: "committed", bytes: 600_000 });
  });

  test("a chunk that is not there", async () => {
    const gone = { blob: "0".repeat(64), bytes: 300_000 };
    const refused = commit([chunk, gone], rootOf(600_000));
    await expect(refused).rejects.toMatchObject({ code: "not_found" });
  });

  test("a chunk of another size", async () => {
    const refused = commit([chunk, { ...chunk, bytes: 299_999 }], rootOf(599_999));
    await expect(refused).rejects.toMatchObject({ code: "not_found" });
  });

  test("a file of another size than its chunks", async () => {
    const refused = commit([chunk, chunk], rootOf(600_001));
    await expect(refused).rejects.toMatchObject({ code: "corrupt" });
  });

  test("a chunk that is itself in chunks", async () => {
    const refused = commit([{ ...whole, bytes: 300_000 }, chunk], rootOf(600_000));
    await expect(refused).rejects.toMatchObject({ code: "not_found" });
  });

  test("a tree in chunks", async () => {
    const tree = { kind: "directory", name: "d", blob: whole.blob, bytes: 600_000 } as const;
    const refused = commit([chunk, chunk], encodeTree([tree]));
    await expect(refused).rejects.toMatchObject({ code: "corrupt" });
  });
});

test("a chunk that is not what was written is told, by who reads it and by who reads all", async () => {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", { large: LARGE });
  const [key = ""] = workspace.packs.keys().filter((one) => one.startsWith("users/"));
  const [pack] = (await workspace.snapshots.head("u-ada", "app"))?.packs ?? [];
  const body = await workspace.packs.read("u-ada", "app", pack?.id ?? "", 0, pack?.bytes ?? 0);
  body.set([1, 2, 3], 1_000);
  workspace.packs.overwrite(key, body);
  const snapshot = await workspace.projects().open("app");
  await expect(isLarge(snapshot, LARGE)).rejects.toMatchObject({ code: "corrupt" });
  const parts = snapshot.readParts("large", "start")[Symbol.asyncIterator]();
  await expect(parts.next()).rejects.toMatchObject({ code: "corrupt" });
});

import { type FileEntry, type LinkEntry, MIB, type Snapshot } from "@zenode/core";
import type { ArchivedFile } from "./archived-file.ts";

/** Contents that are held at once; one file may be larger. */
const BATCH_BYTES = 16 * MIB;
const BATCH_FILES = 4_000;

/** All files and links in the order of their paths, a batch of contents in memory. */
export async function* readFiles(snapshot: Snapshot): AsyncGenerator<ArchivedFile> {
  let [batch, bytes] = [[] as (FileEntry | LinkEntry)[], 0];
  for await (const entry of snapshot.walk()) {
    const size = entry.kind === "file" ? entry.bytes : 0;
    if (batch.length > 0 && (bytes + size > BATCH_BYTES || batch.length === BATCH_FILES)) {
      yield* readBatch(snapshot, batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(entry);
    bytes += size;
  }
  yield* readBatch(snapshot, batch);
}

async function* readBatch(
  snapshot: Snapshot,
  batch: readonly (FileEntry | LinkEntry)[],
): AsyncGenerator<ArchivedFile> {
  const contents = new Map<string, Uint8Array>();
  const files = batch.filter((entry) => entry.kind === "file");
  for await (const { file, content } of snapshot.readMany(files)) contents.set(file.path, content);
  for (const entry of batch) {
    if (entry.kind === "link") yield entry;
    else {
      const content = contents.get(entry.path);
      if (!content) throw new Error(`${entry.path} was not read.`);
      yield { kind: "file", path: entry.path, executable: entry.executable, content };
    }
  }
}

import { MIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import type { TreeLeaf } from "./build-trees.ts";
import type { Codec } from "./codec.ts";
import type { KeptContents } from "./kept-contents.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { leavesTree } from "./link-target.ts";
import { parsePath } from "./parse-path.ts";
import { readAhead } from "./read-ahead.ts";

/** Files under way: many small ones, few large ones. */
export const READS_AT_ONCE = 16;
export const READ_BYTES_AT_ONCE = 32 * MIB;

/** Something to push. `path` is relative, with `/`. */
export type SourceFile =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly bytes: number;
      readonly executable: boolean;
      read(): Promise<Uint8Array>;
    }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** What a push reads; its answer is one state of the folder, each path once. */
export interface FileSource {
  list(): Promise<readonly SourceFile[]>;
}

/** Left out, with the reason: links that lead out of the folder, names that are no paths, files too large. */
export type Skipped = readonly { readonly path: string; readonly reason: string }[];

export type ReadableFile = Extract<SourceFile, { readonly kind: "file" }>;

/** A blob that the server may lack, and how to have its content. */
export interface Offer {
  readonly kind: "file" | "tree";
  readonly bytes: number;
  read(): Promise<Uint8Array>;
}

/** Parts what a project can hold from the rest. */
export function sift<File extends SourceFile>(
  all: readonly File[],
): { readonly files: readonly File[]; readonly skipped: Skipped } {
  const files: File[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for (const file of all) {
    const reason = findFault(file);
    if (reason === undefined) files.push(file);
    else skipped.push({ path: file.path, reason });
  }
  return { files, skipped };
}

function findFault(file: SourceFile): string | undefined {
  try {
    parsePath(file.path);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  if (file.kind === "file") {
    return file.bytes > MAX_FILE_BYTES ? `It is over ${MAX_FILE_BYTES} bytes.` : undefined;
  }
  return leavesTree(file.path, file.target) ? `The link leads out: ${file.target}` : undefined;
}

/** Reads and hashes files, some at once, in their order. */
export function hashFiles<File extends SourceFile>(
  files: readonly File[],
  codec: Codec,
  kept: KeptContents,
): AsyncGenerator<{ readonly file: File; readonly leaf: TreeLeaf }> {
  const of = (file: SourceFile) => (file.kind === "file" ? file.bytes : 0);
  const limits = { items: READS_AT_ONCE, weight: { max: READ_BYTES_AT_ONCE, of } };
  return readAhead(files, limits, async (file) => ({
    file,
    leaf: await toLeaf(file, codec, kept),
  }));
}

async function toLeaf(file: SourceFile, codec: Codec, kept: KeptContents): Promise<TreeLeaf> {
  if (file.kind === "link") return { kind: "link", path: file.path, target: file.target };
  const content = await file.read();
  const { path, executable } = file;
  const blob = codec.sha256(content);
  kept.keep(blob, content);
  return { kind: "file", path, executable, blob, bytes: content.length };
}

/** What was not kept is read a second time when it is packed; in between it may have changed. */
export function toOffer(
  file: Pick<ReadableFile, "path" | "read">,
  { blob, bytes }: { readonly blob: string; readonly bytes: number },
  codec: Codec,
  kept: KeptContents,
): Offer {
  const read = async () => {
    const known = kept.take(blob);
    if (known) return known;
    const content = await file.read();
    if (codec.sha256(content) === blob) return content;
    throw new RefusedError("conflict", `${file.path} changed while it was pushed. Push again.`);
  };
  return { kind: "file", bytes, read };
}

import { RefusedError } from "../../lib/error.ts";
import type { Codec } from "../codec.ts";
import { MAX_FILE_BYTES, MAX_PATH_BYTES } from "../limits.ts";
import { leavesTree } from "../link-target.ts";
import { parsePath } from "../parse-path.ts";
import type { Snapshot } from "../projects.ts";
import type { BlobReference } from "../tree.ts";
import { entryAt, type OpenTree } from "./entry-at.ts";
import type { Edit, FileChange, LaterContent, PlacedEntry } from "./file-change.ts";
import type { ForeignEntry, OpenRecord } from "./open-record.ts";

export interface Edits {
  /** Of different paths. */
  readonly edits: readonly Edit[];
  /** Content of the files among them, by id. */
  readonly contents: ReadonlyMap<string, Uint8Array | LaterContent>;
  /** Every path that the changes speak of, sources of copies included: what must not have changed meanwhile. */
  readonly touched: readonly string[];
  /** What comes from other snapshots. */
  readonly foreign: readonly ForeignEntry[];
}

export interface EditsBase {
  readonly base: OpenTree;
  readonly codec: Codec;
  /** Opens another snapshot of the project. */
  readonly open: (snapshot: Snapshot) => Promise<OpenRecord>;
}

/**
 * Changes as edits of a tree.
 * @throws RefusedError `invalid_path` (the root too, a link that leaves the tree), `invalid_input` (a path twice),
 *   `too_large`, `not_found` (nothing lies where a copy comes from).
 */
export async function toEdits(changes: readonly FileChange[], from: EditsBase): Promise<Edits> {
  const edits = new Map<string, Edit>();
  const contents = new Map<string, Uint8Array | LaterContent>();
  const touched = new Set<string>();
  const foreign: ForeignEntry[] = [];
  for (const change of changes) {
    const path = parsePlace(change.path);
    if (edits.has(path)) throw new RefusedError("invalid_input", `${path} is named twice.`);
    touched.add(path);
    if (change.kind === "copy" && !change.snapshot) touched.add(parsePath(change.from));
    const { entry, source } = await toEntry(change, from);
    if (change.kind === "file" && entry?.kind === "file") contents.set(entry.blob, change.content);
    if (entry && source) foreign.push({ entry, source });
    edits.set(path, { path, entry });
  }
  return { edits: [...edits.values()], contents, touched: [...touched], foreign };
}

function parsePlace(path: string): string {
  if (path === "") throw new RefusedError("invalid_path", "The project's root is no file.");
  return parsePath(path);
}

/** What a path becomes, and the other snapshot that it comes from. */
interface Becoming {
  readonly entry?: PlacedEntry;
  readonly source?: OpenRecord;
}

async function toEntry(change: FileChange, { base, codec, open }: EditsBase): Promise<Becoming> {
  switch (change.kind) {
    case "absent":
      return {};
    case "link":
      if (!leavesTree(change.path, change.target))
        return { entry: { kind: "link", target: change.target } };
      throw new RefusedError(
        "invalid_path",
        `The link ${change.path} would lead out of the project.`,
      );
    case "copy": {
      const source = change.snapshot && (await open(change.snapshot));
      const from = source ?? base;
      const entry = await entryAt(from, parsePath(change.from));
      if (entry && entry !== "blocked" && !(await isEmptyRoot(entry, change.from, from))) {
        return { entry, ...(source && { source }) };
      }
      throw new RefusedError("not_found", `There is no ${change.from || "file in the project"}.`);
    }
    case "file": {
      const { content, executable } = change;
      const { blob, bytes } = toReference(content, codec);
      if (bytes > MAX_FILE_BYTES) {
        throw new RefusedError(
          "too_large",
          `${change.path} has ${bytes} bytes, over ${MAX_FILE_BYTES}.`,
        );
      }
      return { entry: { kind: "file", executable, bytes, blob } };
    }
  }
}

function toReference(content: Uint8Array | LaterContent, codec: Codec): BlobReference {
  if (!(content instanceof Uint8Array)) return content;
  return { blob: codec.sha256(content), bytes: content.length };
}

/** The one directory that may have no file; a copy of it would be another. */
async function isEmptyRoot(
  entry: PlacedEntry,
  path: string,
  { blobs }: OpenTree,
): Promise<boolean> {
  return path === "" && entry.kind === "directory" && (await blobs.tree(entry)).length === 0;
}

/** @throws RefusedError `invalid_path`: an entry may not lie so deep, or a link in it would lead out from there. */
export function checkPlace(
  path: string,
  below: { readonly pathBytes: number; readonly climbs: number },
): void {
  const bytes = new TextEncoder().encode(path).length;
  if (bytes + below.pathBytes + 1 > MAX_PATH_BYTES) {
    throw new RefusedError(
      "invalid_path",
      `A path below ${path} would be over ${MAX_PATH_BYTES} bytes.`,
    );
  }
  if (below.climbs > path.split("/").length - 1) {
    throw new RefusedError("invalid_path", `A link at ${path} would lead out of the project.`);
  }
}

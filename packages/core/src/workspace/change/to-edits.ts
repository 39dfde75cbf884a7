import { RefusedError } from "../../lib/error.ts";
import type { Codec } from "../codec.ts";
import { MAX_FILE_BYTES, MAX_PATH_BYTES } from "../limits.ts";
import { leavesTree } from "../link-target.ts";
import { parsePath } from "../parse-path.ts";
import { entryAt, type OpenTree } from "./entry-at.ts";
import type { Edit, FileChange, PlacedEntry } from "./file-change.ts";

export interface Edits {
  /** Of different paths. */
  readonly edits: readonly Edit[];
  /** Content of the files among them, by id. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Every path that the changes speak of, sources of copies included: what must not have changed meanwhile. */
  readonly touched: readonly string[];
}

/**
 * Changes as edits of a tree.
 * @throws RefusedError `invalid_path` (the root too, a link that leaves the tree), `invalid_input` (a path twice),
 *   `too_large`, `not_found` (nothing lies where a copy comes from).
 */
export async function toEdits(
  changes: readonly FileChange[],
  base: OpenTree,
  codec: Codec,
): Promise<Edits> {
  const edits = new Map<string, Edit>();
  const contents = new Map<string, Uint8Array>();
  const touched = new Set<string>();
  for (const change of changes) {
    const path = parsePlace(change.path);
    if (edits.has(path)) throw new RefusedError("invalid_input", `${path} is named twice.`);
    touched.add(path);
    if (change.kind === "copy") touched.add(parsePath(change.from));
    const entry = await toEntry(change, base, codec);
    if (change.kind === "file" && entry?.kind === "file") contents.set(entry.blob, change.content);
    edits.set(path, { path, entry });
  }
  return { edits: [...edits.values()], contents, touched: [...touched] };
}

function parsePlace(path: string): string {
  if (path === "") throw new RefusedError("invalid_path", "The project's root is no file.");
  return parsePath(path);
}

async function toEntry(
  change: FileChange,
  base: OpenTree,
  codec: Codec,
): Promise<PlacedEntry | undefined> {
  switch (change.kind) {
    case "absent":
      return undefined;
    case "link":
      if (!leavesTree(change.path, change.target)) return { kind: "link", target: change.target };
      throw new RefusedError(
        "invalid_path",
        `The link ${change.path} would lead out of the project.`,
      );
    case "copy": {
      const found = await entryAt(base, parsePath(change.from));
      if (found && found !== "blocked" && !(await isEmptyRoot(found, change.from, base))) {
        return found;
      }
      throw new RefusedError("not_found", `There is no ${change.from || "file in the project"}.`);
    }
    case "file": {
      const { content, executable } = change;
      if (content.length > MAX_FILE_BYTES) {
        throw new RefusedError(
          "too_large",
          `${change.path} has ${content.length} bytes, over ${MAX_FILE_BYTES}.`,
        );
      }
      return { kind: "file", executable, bytes: content.length, blob: codec.sha256(content) };
    }
  }
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

import {
  type Entry,
  type FileChange,
  type ImportedFile,
  RefusedError,
  type Snapshot,
} from "@zenode/core";

export interface PlannedChanges {
  readonly changes: readonly FileChange[];
  /** Files and links that are new or different. */
  readonly written: number;
  readonly removed: number;
}

/**
 * What makes a project hold the imported files: exactly them, or them and what it has beside them.
 * @throws RefusedError `conflict`: merged, a path would be both a file and a directory.
 */
export async function planChanges(
  base: Snapshot,
  files: readonly ImportedFile[],
  mode: "replace" | "merge",
): Promise<PlannedChanges> {
  const left = new Map(files.map((file) => [file.path, file]));
  const absent: string[] = [];
  for await (const entry of base.walk()) {
    const file = left.get(entry.path);
    if (file && isSame(file, entry)) left.delete(entry.path);
    if (!file) absent.push(entry.path);
  }
  const changes: FileChange[] = [...left.values()];
  const written = changes.length;
  const imported = new Set(files.map(({ path }) => path));
  if (mode === "merge") {
    checkKinds(imported, new Set(absent));
    return { changes, written, removed: 0 };
  }
  for (const path of absent) {
    // A file in a directory's place takes along what lay below.
    if (!liesBelow(path, imported)) changes.push({ kind: "absent", path });
  }
  return { changes, written, removed: absent.length };
}

function isSame(file: ImportedFile, entry: Entry): boolean {
  if (file.kind === "link") return entry.kind === "link" && entry.target === file.target;
  if (entry.kind !== "file" || entry.executable !== file.executable) return false;
  return !(file.content instanceof Uint8Array) && file.content.blob === entry.blob;
}

function checkKinds(imported: ReadonlySet<string>, kept: ReadonlySet<string>): void {
  const clash =
    [...imported].find((path) => liesBelow(path, kept)) ??
    [...kept].find((path) => liesBelow(path, imported));
  if (clash === undefined) return;
  throw new RefusedError(
    "conflict",
    `${clash} and a directory above it can't both be: one is in the project, the other is imported. Nothing was written; pass if_exists: replace to have what is imported.`,
  );
}

function liesBelow(path: string, paths: ReadonlySet<string>): boolean {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    if (paths.has(path.slice(0, slash))) return true;
  }
  return false;
}

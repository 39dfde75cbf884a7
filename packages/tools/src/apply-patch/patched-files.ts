import { type FileEntry, findEntry, MIB, RefusedError, type Snapshot } from "@zenode/core";
import type { FilePatch } from "./patch.ts";

/** Of the files that are changed, together: texts, their lines and what comes of them lie in memory. */
const MAX_BYTES = 32 * MIB;

/** What a patch of a file starts from. */
export type Source = { readonly kind: "nothing" } | SourceLink | SourceFile;

interface SourceLink {
  readonly kind: "link";
  readonly target: string;
}

interface SourceFile {
  readonly kind: "file";
  readonly entry: FileEntry;
}

/** @throws RefusedError `invalid_input`: a path is in two places of the patch. */
export function checkOnce(files: readonly FilePatch[]): void {
  const seen = new Set<string>();
  for (const { from, to, isCopy } of files) {
    const paths = new Set([...(isCopy ? [] : [from]), to]);
    for (const path of paths) {
      if (path === undefined) continue;
      if (seen.has(path)) {
        throw new RefusedError(
          "invalid_input",
          `The patch changes ${path} in two places. Put all its hunks below one header, or apply one patch after the other.`,
        );
      }
      seen.add(path);
    }
  }
}

/**
 * What lies where a patch of a file begins; its place is free, if it is a new one.
 * @throws RefusedError `not_found`, `not_a_file`, `invalid_input` (something lies there).
 */
export async function findSource(file: FilePatch, base: Snapshot): Promise<Source> {
  const { from, to } = file;
  if (to !== undefined && to !== from) {
    const there = await findEntry(base, to);
    if (there) {
      throw new RefusedError(
        "invalid_input",
        `${to}: the patch makes this file, but there is a ${there.kind} already.`,
      );
    }
  }
  if (from === undefined) return { kind: "nothing" };
  const entry = await base.entry(from);
  if (entry.kind === "directory") throw new RefusedError("not_a_file", `${from} is a directory.`);
  const isLink = entry.kind === "link";
  if (file.hunks.length > 0 && isLink !== (file.oldMode === "120000")) {
    throw new RefusedError(
      "not_a_file",
      isLink
        ? `${from} is a symbolic link to ${entry.target}, which is not followed. Patch that file, or the link itself (mode 120000).`
        : `${from} is a file, not a symbolic link (mode 120000).`,
    );
  }
  return isLink ? { kind: "link", target: entry.target } : { kind: "file", entry };
}

/** @throws RefusedError `not_a_directory`: a name above a new path is a file or link that stays. */
export async function checkAbove(
  path: string,
  base: Snapshot,
  gone: ReadonlySet<string | undefined>,
): Promise<void> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const above = path.slice(0, at);
    if (gone.has(above)) continue;
    const entry = await findEntry(base, above);
    if (entry?.kind === "directory") return;
    if (!entry) continue;
    const kind = entry.kind === "link" ? "symbolic link" : "file";
    throw new RefusedError("not_a_directory", `${above} is a ${kind}; nothing can lie below it.`);
  }
}

/** By path. @throws RefusedError `too_large`, `not_found` (a live folder's file went meanwhile). */
export async function readContents(
  entries: readonly FileEntry[],
  base: Snapshot,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > MAX_BYTES) {
    throw new RefusedError(
      "too_large",
      `The files that the patch changes have ${bytes} bytes, over ${MAX_BYTES}; split it.`,
    );
  }
  const contents = new Map<string, Uint8Array>();
  for await (const { file, content } of base.readMany(entries)) contents.set(file.path, content);
  const missing = entries.find(({ path }) => !contents.has(path));
  if (!missing) return contents;
  throw new RefusedError("not_found", `There is no ${missing.path} any more.`);
}

import { type FileChange, leavesTree, RefusedError } from "@zenode/core";
import type { FilePatch } from "./patch.ts";
import type { Source } from "./patched-files.ts";

/** A file of a patch with what it starts from. */
export interface FileOrder {
  readonly file: FilePatch;
  readonly source: Source;
  /** Undefined: there is none, or it is not needed. */
  readonly content: Uint8Array | undefined;
}

/** What is moved or deleted as a whole need not be read; what shows no hunk is deleted if it is empty. */
export function needsContent({ hunks, newMode, oldMode, to }: FilePatch): boolean {
  return hunks.length > 0 || to === undefined || newMode !== oldMode;
}

/** @param text what the hunks make of it; "" without hunks
 * @throws RefusedError `invalid_input`, `invalid_path`, `not_a_file`. */
export function toChanges(order: FileOrder, text: string): readonly FileChange[] {
  const { file, source, content } = order;
  const { from, to, isCopy } = file;
  if (to === undefined) return [toRemoval(order, text)];
  const removal: FileChange[] =
    from === undefined || from === to || isCopy ? [] : [{ kind: "absent", path: from }];
  if (file.hunks.length === 0 && from !== undefined && !needsContent(file)) {
    return [{ kind: "copy", from, path: to }, ...removal];
  }
  if (file.newMode === "120000") return [toLink(file, source, text), ...removal];
  if (source.kind === "link") {
    throw new RefusedError(
      "not_a_file",
      `${from} is a symbolic link; it can't become a file here.`,
    );
  }
  const executable = isExecutable(file, source);
  const bytes = file.hunks.length === 0 ? content : undefined;
  const change: FileChange = {
    ...{ kind: "file", path: to, executable },
    content: bytes ?? new TextEncoder().encode(text),
  };
  return [change, ...removal];
}

function isExecutable({ oldMode, newMode }: FilePatch, source: Source): boolean {
  const isKept = source.kind === "file" && newMode === oldMode;
  return isKept ? source.entry.executable : newMode === "100755";
}

/** @throws RefusedError `invalid_input`: the patch does not remove all there is. */
function toRemoval({ file, source, content }: FileOrder, text: string): FileChange {
  const path = file.from ?? "";
  const isEmpty = source.kind === "file" && content?.length === 0;
  if (file.hunks.length > 0 ? text === "" : isEmpty) return { kind: "absent", path };
  throw new RefusedError(
    "invalid_input",
    file.hunks.length > 0
      ? `${path}: the patch deletes it, but ${text.length} characters that the patch does not remove would be left.`
      : `${path}: the patch deletes it without a hunk, which is right for an empty file only. Use delete.`,
  );
}

/** @throws RefusedError `invalid_path`, `invalid_input`. */
function toLink({ to = "" }: FilePatch, source: Source, target: string): FileChange {
  if (source.kind === "file") {
    throw new RefusedError("invalid_input", `${to} is a file; it can't become a link here.`);
  }
  if (!leavesTree(to, target)) return { kind: "link", path: to, target };
  throw new RefusedError(
    "invalid_path",
    `${to}: the link's target ${JSON.stringify(target.slice(0, 200))} can't be used. It has to stay inside the project, and has no newline at its end ("\\ No newline at end of file").`,
  );
}

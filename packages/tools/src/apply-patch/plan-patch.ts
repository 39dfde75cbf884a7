import { type FileChange, RefusedError, type Snapshot } from "@zenode/core";
import { decodeText, isBinary } from "../project/text-file.ts";
import { type Applied, applyHunks, type MovedHunk } from "./apply-hunks.ts";
import { SearchBudget } from "./find-places.ts";
import type { FilePatch, Hunk } from "./patch.ts";
import { checkAbove, checkOnce, findSource, readContents, type Source } from "./patched-files.ts";
import { type FileOrder, needsContent, toChanges } from "./to-changes.ts";

/** As many files are told of that can't be patched. */
const MAX_FAULTS = 5;

export interface PlannedFile {
  readonly path: string;
  readonly change: "modified" | "created" | "deleted" | "renamed" | "copied";
  readonly from: string | undefined;
  readonly added: number;
  readonly removed: number;
  readonly moved: readonly MovedHunk[];
  readonly changes: readonly FileChange[];
}

/**
 * What a patch changes of a snapshot; nothing is written.
 * @throws RefusedError `invalid_input` with all that is wrong, file by file; `too_large`.
 */
export async function planPatch(
  files: readonly FilePatch[],
  base: Snapshot,
): Promise<readonly PlannedFile[]> {
  checkOnce(files);
  const gone = new Set(files.filter(leaves).map(({ from }) => from));
  const sources = await collect(files, async (file) => {
    const source = await findSource(file, base);
    if (file.to !== undefined && file.to !== file.from) {
      await checkAbove(file.to, base, gone);
    }
    return { file, source };
  });
  const entries = sources.flatMap(({ file, source }) =>
    source.kind === "file" && needsContent(file) ? source.entry : [],
  );
  const contents = await readContents(entries, base);
  const budget = new SearchBudget();
  return collect(sources, async ({ file, source }) =>
    planFile({ file, source, content: contents.get(file.from ?? "") }, budget),
  );
}

/** Goes on after a fault, so that one answer tells of several. */
async function collect<Item, Result>(
  items: readonly Item[],
  make: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const faults: string[] = [];
  for (const item of items) {
    try {
      results.push(await make(item));
    } catch (cause) {
      if (!(cause instanceof RefusedError) || cause.code === "corrupt") throw cause;
      faults.push(cause.message);
    }
    if (faults.length === MAX_FAULTS) break;
  }
  if (faults.length === 0) return results;
  throw new RefusedError("invalid_input", `${faults.join("\n")}\nNothing was written.`);
}

function planFile(order: FileOrder, budget: SearchBudget): PlannedFile {
  const { from, to, hunks } = order.file;
  const path = to ?? from ?? "";
  const applied = applyTo(order, budget);
  return {
    path,
    change: nameChange(order.file),
    from: from === to || to === undefined ? undefined : from,
    added: sum(hunks, ({ added }) => added),
    removed: sum(hunks, ({ removed }) => removed),
    moved: applied.moved,
    changes: toChanges(order, applied.text),
  };
}

function sum(hunks: readonly Hunk[], of: (hunk: Hunk) => number): number {
  return hunks.reduce((total, hunk) => total + of(hunk), 0);
}

/** Whether nothing lies at `from` any more. */
function leaves({ from, to, isCopy }: FilePatch): boolean {
  return from !== to && !isCopy;
}

function nameChange({ from, to, isCopy }: FilePatch): PlannedFile["change"] {
  if (from === undefined) return "created";
  if (to === undefined) return "deleted";
  if (from === to) return "modified";
  return isCopy ? "copied" : "renamed";
}

/** The new text; "" where there is nothing to apply to. @throws RefusedError `invalid_input`, with the file's name. */
function applyTo({ file, source, content }: FileOrder, budget: SearchBudget): Applied {
  if (file.hunks.length === 0) return { text: "", moved: [] };
  const name = file.from ?? file.to ?? "";
  try {
    return applyHunks(textOf(source, content), file, budget);
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    throw new RefusedError(cause.code, `${name}: ${cause.message}`, { cause });
  }
}

function textOf(source: Source, content: Uint8Array | undefined): string {
  if (source.kind === "link") return source.target;
  if (!content) return "";
  const text = isBinary(content) ? undefined : decodeText(content);
  if (text !== undefined) return text;
  throw new RefusedError(
    "invalid_input",
    "this is a binary file or not UTF-8; patches change text only.",
  );
}

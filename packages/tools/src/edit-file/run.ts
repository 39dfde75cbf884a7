import { MAX_FILE_BYTES, RefusedError, type Snapshot, structured } from "@zenode/core";
import { changed } from "../project/changed.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { decodeText, isBinary } from "../project/text-file.ts";
import { toPath } from "../project/tool-path.ts";
import type { EditFileInput } from "./input.ts";
import { replaceText } from "./replace-text.ts";

export const run = refusalToFailure<EditFileInput>(async (input, context) => {
  const base = await openProject(context, input.project);
  const path = toPath(input.path);
  let text = await readText(base, path);
  const replaced: { edit: number; line: number }[] = [];
  for (const [at, edit] of input.edits.entries()) {
    const done = replaceText(text, edit, at + 1);
    text = done.text;
    replaced.push(...done.lines.map((line) => ({ edit: at + 1, line })));
  }
  const content = new TextEncoder().encode(text);
  const after = input.dry_run ? base : await commit(base, path, content);
  const count = replaced.length === 1 ? "one place" : `${replaced.length} places`;
  const did = input.dry_run
    ? `Would change ${count} of ${path}; nothing was written.`
    : `Changed ${count} of ${path} in snapshot ${after.number} of ${after.project}.`;
  const { dry_run } = input;
  return structured({ ...changed(after), path, bytes: content.length, replaced, dry_run }, did);

  async function commit(from: Snapshot, file: string, bytes: Uint8Array): Promise<Snapshot> {
    const entry = await from.entry(file);
    const executable = entry.kind === "file" && entry.executable;
    const change = { kind: "file", path: file, content: bytes, executable } as const;
    return context.projects.change(from, [change], `edit_file ${file}`);
  }
});

async function readText(snapshot: Snapshot, path: string): Promise<string> {
  const content = await snapshot.read(path, MAX_FILE_BYTES);
  const text = isBinary(content) ? undefined : decodeText(content);
  if (text !== undefined) return text;
  throw new RefusedError(
    "invalid_input",
    `${path} is a binary file or not UTF-8; edit_file changes text only.`,
  );
}

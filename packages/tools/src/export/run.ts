import { type PastSnapshot, SECOND, type ToolContext } from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { needTransfers } from "../project/need-transfers.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import type { ArchivedFile } from "./archived-file.ts";
import type { ExportInput } from "./input.ts";
import { readFiles } from "./read-files.ts";
import { writeTarGzip } from "./write-tar.ts";
import { writeZip } from "./write-zip.ts";

const FORMATS = {
  "tar.gz": { write: writeTarGzip, mimeType: "application/gzip" },
  zip: { write: writeZip, mimeType: "application/zip" },
} as const;

export const run = refusalToFailure<ExportInput>(async (input, context) => {
  const transfers = needTransfers(context);
  const snapshot = await openSnapshot(context, input);
  const { project, number, files } = snapshot;
  const { write, mimeType } = FORMATS[input.format];
  const file_name = `${project}-${number}.${input.format}`;
  // Of the snapshot: the same files in the same snapshot are the same archive, whenever it is made.
  const madeAt = Math.floor(snapshot.createdAt / SECOND);
  const content = write(telling(readFiles(snapshot), snapshot, context), madeAt);
  const file = { name: file_name, content, expectedBytes: snapshot.bytes };
  const { url, bytes, expiresAt } = await transfers.publish(file);
  const expires_at = new Date(expiresAt).toISOString();
  const said = `${files} files of ${project}, snapshot ${number}: ${bytes} bytes, to be had until ${expires_at} from\n${url}`;
  return {
    content: [
      { type: "text", text: said },
      { type: "resource_link", uri: url, name: file_name, mimeType, size: bytes },
    ],
    structured: { project, snapshot: number, url, file_name, bytes, files, expires_at },
  };
});

/** @throws RefusedError `not_found`. */
async function openSnapshot(
  context: ToolContext,
  { project, snapshot }: ExportInput,
): Promise<PastSnapshot> {
  const newest = await openProject(context, project);
  return context.projects.openAt(newest.project, snapshot ?? newest.number);
}

async function* telling(
  files: AsyncIterable<ArchivedFile>,
  { files: total }: PastSnapshot,
  { signal, progress }: ToolContext,
): AsyncGenerator<ArchivedFile> {
  const step = Math.max(1, Math.floor(total / 100));
  let done = 0;
  for await (const file of files) {
    signal.throwIfAborted();
    yield file;
    done += 1;
    if (done % step === 0) progress(done, total, `Packed ${done} of ${total} files`);
  }
}

import {
  type FileEntry,
  type JsonObject,
  MIB,
  mimeTypeOf,
  type Snapshot,
  structured,
} from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import { type Examined, examineContent } from "./examine-content.ts";
import type { FileInfoInput } from "./input.ts";

/** A larger file is told of by its directory alone. */
const MAX_EXAMINED_BYTES = 16 * MIB;

interface Told {
  readonly facts: JsonObject;
  readonly text: string;
}

export const run = refusalToFailure<FileInfoInput>(async (input, context) => {
  const snapshot = await openProject(context, input.project);
  const path = toPath(input.path);
  const entry = await snapshot.entry(path);
  const { kind } = entry;
  const { facts, text } = await tell();
  const { project, number } = snapshot;
  return structured({ project, snapshot: number, path, kind, ...facts }, text);

  async function tell(): Promise<Told> {
    if (entry.kind === "file") return tellFile(snapshot, entry);
    if (entry.kind === "directory") return tellDirectory(snapshot, path);
    const { target } = entry;
    return { facts: { target }, text: `${path}: symbolic link to ${target}, not followed.` };
  }
});

async function tellFile(snapshot: Snapshot, file: FileEntry): Promise<Told> {
  const { path, bytes, executable, blob } = file;
  const isSmall = bytes <= MAX_EXAMINED_BYTES;
  const examined = isSmall
    ? examineContent(await snapshot.read(path, MAX_EXAMINED_BYTES))
    : undefined;
  const mimeType = mimeTypeOf(path);
  const facts = {
    ...{ bytes, sha256: blob, executable },
    ...(mimeType !== undefined && { mime_type: mimeType }),
    ...examined,
  };
  const words = [
    `${bytes} bytes`,
    ...describe(examined),
    ...(executable ? ["executable"] : []),
    ...(mimeType === undefined ? [] : [mimeType]),
    `SHA-256 ${blob}`,
  ];
  return { facts, text: `${path}: file, ${words.join(", ")}.` };
}

function describe(examined: Examined | undefined): readonly string[] {
  if (!examined) return ["not looked into (over 16 MiB)"];
  switch (examined.content) {
    case "binary":
      return ["binary"];
    case "not_utf8":
      return ["neither binary nor UTF-8 text"];
    case "text": {
      const { lines, line_ends: ends, final_newline: hasFinal } = examined;
      const end = hasFinal || lines === 0 ? [] : ["no newline at its end"];
      return ["UTF-8 text", `${lines} lines`, `line ends ${ends}`, ...end];
    }
  }
}

async function tellDirectory(snapshot: Snapshot, path: string): Promise<Told> {
  const entries = await snapshot.list(path);
  const count = (wanted: string) => entries.filter(({ kind }) => kind === wanted).length;
  const facts = { files: count("file"), links: count("link"), directories: count("directory") };
  const { files, links, directories } = facts;
  const name = path === "" ? "The root" : `${path}/`;
  return {
    facts,
    text: `${name}: directory with ${files} files, ${links} links and ${directories} directories directly in it.`,
  };
}

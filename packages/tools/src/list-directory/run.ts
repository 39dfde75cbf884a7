import { type ListedEntry, type Snapshot, structured } from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { ListDirectoryInput } from "./input.ts";

const MAX_ENTRIES = 2_000;

export const run = refusalToFailure<ListDirectoryInput>(async (input, context) => {
  const snapshot = await openProject(context, input.project);
  const path = toPath(input.path);
  const entries: ListedEntry[] = [];
  let truncated = false;
  for await (const entry of descend(snapshot, path, input.depth)) {
    truncated = entries.length === MAX_ENTRIES;
    if (truncated) break;
    entries.push(entry);
  }
  const lines = entries.map(describeEntry);
  if (entries.length === 0) lines.push("The directory is empty.");
  if (truncated) {
    lines.push(
      `… only the first ${MAX_ENTRIES} entries; list a subdirectory or take a smaller depth.`,
    );
  }
  const answer = {
    project: snapshot.project,
    snapshot: snapshot.number,
    entries: entries.map(toAnswer),
    truncated,
  };
  return structured(answer, lines.join("\n"));
});

async function* descend(
  snapshot: Snapshot,
  path: string,
  depth: number,
): AsyncGenerator<ListedEntry> {
  for (const entry of await snapshot.list(path)) {
    yield entry;
    if (entry.kind === "directory" && depth > 1) yield* descend(snapshot, entry.path, depth - 1);
  }
}

function describeEntry(entry: ListedEntry): string {
  switch (entry.kind) {
    case "directory":
      return `${entry.path}/`;
    case "link":
      return `${entry.path} -> ${entry.target}`;
    case "file":
      return `${entry.path} (${entry.bytes} bytes${entry.executable ? ", executable" : ""})`;
  }
}

function toAnswer(entry: ListedEntry) {
  switch (entry.kind) {
    case "directory":
      return { path: entry.path, kind: entry.kind };
    case "link":
      return { path: entry.path, kind: entry.kind, target: entry.target };
    case "file": {
      const { path, kind, bytes, executable } = entry;
      return { path, kind, bytes, executable };
    }
  }
}

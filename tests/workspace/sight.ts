import type { FileEntry, Snapshot } from "@zenode/core";
import type { Sight } from "./deed.ts";
import type { Leaf, State } from "./state.ts";

const MOST_BYTES = 64 * 1024 * 1024;

/** The three ways to see all of a snapshot: one walk and contents in bulk, directory by directory, file by file. */
export type HowToLook = "walk" | "list" | "single";

/** Reads all of a snapshot. */
export async function look(snapshot: Snapshot, how: HowToLook, fresh: boolean): Promise<Sight> {
  const seen = how === "list" ? await lookByLists(snapshot) : await lookByWalk(snapshot, how);
  return { number: snapshot.number, fresh, ...seen };
}

interface Seen {
  readonly files: State;
  readonly directories: readonly string[];
}

async function lookByWalk(snapshot: Snapshot, how: HowToLook): Promise<Seen> {
  const files = new Map<string, Leaf>();
  const entries: FileEntry[] = [];
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "link") files.set(entry.path, { kind: "link", target: entry.target });
    else if (how === "walk") entries.push(entry);
    else files.set(entry.path, toLeaf(entry, await snapshot.read(entry.path, MOST_BYTES)));
  }
  for await (const { file, content } of snapshot.readMany(entries)) {
    files.set(file.path, toLeaf(file, content));
  }
  return { files, directories: directoriesOf(files) };
}

async function lookByLists(snapshot: Snapshot): Promise<Seen> {
  const files = new Map<string, Leaf>();
  const directories: string[] = [];
  const left = [""];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    for (const entry of await snapshot.list(at)) {
      if (entry.kind === "directory") left.push(entry.path);
      else if (entry.kind === "link") files.set(entry.path, { kind: "link", target: entry.target });
      else files.set(entry.path, toLeaf(entry, await snapshot.read(entry.path, MOST_BYTES)));
    }
    if (at !== "") directories.push(at);
  }
  return { files, directories: directories.sort() };
}

function toLeaf({ executable }: Pick<FileEntry, "executable">, content: Uint8Array): Leaf {
  return { kind: "file", content: new TextDecoder().decode(content), executable };
}

/** Every directory that something lies below, sorted. */
export function directoriesOf(files: State): readonly string[] {
  const directories = new Set<string>();
  for (const path of files.keys()) {
    const names = path.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      directories.add(names.slice(0, depth).join("/"));
    }
  }
  return [...directories].sort();
}

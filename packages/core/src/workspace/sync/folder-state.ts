import * as z from "zod";
import { RefusedError } from "../../lib/error.ts";
import { isBlobId } from "../hex.ts";
import { MAX_ENTRIES } from "../limits.ts";
import { parsePath } from "../parse-path.ts";
import { blobId, count } from "../wire-types.ts";
import type { Leaf, Leaves } from "./leaf.ts";

/** What a folder and a project last agreed on, as it is remembered between commands. */
export interface FolderState {
  /** Newest snapshot that the folder has taken over wholly, and its root; 0: none. */
  readonly snapshot: number;
  readonly root: string | undefined;
  readonly base: Leaves;
  /** Of files that need not be read again while they have this stamp (`FolderView`). */
  readonly stamps: ReadonlyMap<string, string>;
  /** Paths of `base` that this folder can't hold: that they are not here says nothing. */
  readonly left: ReadonlySet<string>;
}

export const NO_STATE: FolderState = {
  snapshot: 0,
  root: undefined,
  base: new Map(),
  stamps: new Map(),
  left: new Set(),
};

const KINDS = { file: "f", executable: "x", link: "l" } as const;
const LEFT = "left";

/** Path, kind, blob id or target, size, and a stamp, `left` or nothing. */
type Entry = readonly [string, "f" | "x" | "l", string, number, string];

/** A tuple of zod's takes many times as long, and there is one entry for each file. */
const entry = z.custom<Entry>((value) => {
  if (!Array.isArray(value) || value.length !== 5) return false;
  const [path, kind, content, bytes, stamp] = value as readonly unknown[];
  if (typeof path !== "string" || typeof content !== "string") return false;
  if (kind !== "f" && kind !== "x" && kind !== "l") return false;
  if (!Number.isSafeInteger(bytes) || Number(bytes) < 0) return false;
  return typeof stamp === "string" && stamp.length <= 200;
});

const stateFile = z.object({
  version: z.literal(1),
  /** Which folder it is of; another one at the same path is another folder. */
  folder: z.string(),
  snapshot: count,
  root: blobId.optional(),
  entries: z.array(entry).max(MAX_ENTRIES),
});

export function encodeFolderState(state: FolderState, folder: string): string {
  const { snapshot, root, base, stamps, left } = state;
  const entries = [...base].map(([path, leaf]) => {
    const stamp = left.has(path) ? LEFT : (stamps.get(path) ?? "");
    if (leaf.kind === "link") return [path, KINDS.link, leaf.target, 0, stamp];
    return [path, leaf.executable ? KINDS.executable : KINDS.file, leaf.blob, leaf.bytes, stamp];
  });
  return JSON.stringify({ version: 1, folder, snapshot, root, entries });
}

/** Undefined: it is of another folder or version, or damaged; then the folder has no state. */
export function parseFolderState(text: string, folder: string): FolderState | undefined {
  const parsed = stateFile.safeParse(tryJson(text));
  if (!parsed.success || parsed.data.folder !== folder) return undefined;
  const { snapshot, root, entries } = parsed.data;
  const base = new Map<string, Leaf>();
  const stamps = new Map<string, string>();
  const left = new Set<string>();
  try {
    for (const [path, kind, content, bytes, stamp] of entries) {
      base.set(parsePath(path), toLeaf(kind, content, bytes));
      if (stamp === LEFT) left.add(path);
      else if (stamp !== "") stamps.set(path, stamp);
    }
  } catch {
    return undefined;
  }
  return { snapshot, root, base, stamps, left };
}

function toLeaf(kind: "f" | "x" | "l", content: string, bytes: number): Leaf {
  if (kind === "l") return { kind: "link", target: content };
  if (!isBlobId(content)) throw new RefusedError("corrupt", "An entry has no blob.");
  return { kind: "file", executable: kind === "x", blob: content, bytes };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { comparePaths } from "../parse-path.ts";

/** What a file system takes for the same name. */
export interface Folding {
  /** `A` is `a`. */
  readonly cases: boolean;
  /** `é` is `é`, in one character or in two. */
  readonly compositions: boolean;
}

/**
 * Paths that can't lie in one folder with those before them, since a name in them would be the same there as another
 * one, spelled differently; with the path that is in the way. Those of `present` come first, they are there.
 */
export function findFolded(
  paths: Iterable<string>,
  present: Iterable<string>,
  folding: Folding,
): ReadonlyMap<string, string> {
  const folded = new Map<string, string>();
  if (!folding.cases && !folding.compositions) return folded;
  const names = new FoldedNames(folding);
  const there = new Set(present);
  for (const path of there) names.add(path);
  for (const path of [...paths].sort(comparePaths)) {
    if (there.has(path)) continue;
    const other = names.findOther(path);
    if (other === undefined) names.add(path);
    else folded.set(path, other);
  }
  return folded;
}

/** The paths of one folder, as its file system tells them apart. */
class FoldedNames {
  readonly #folding: Folding;
  /** Spelling of each path and of the directories above it, and the first path that has it. */
  readonly #seen = new Map<string, { readonly spelled: string; readonly by: string }>();

  constructor(folding: Folding) {
    this.#folding = folding;
  }

  add(path: string): void {
    for (const spelled of prefixes(path)) {
      const key = this.#fold(spelled);
      if (!this.#seen.has(key)) this.#seen.set(key, { spelled, by: path });
    }
  }

  /** A path that spells a name differently which would be the same there. */
  findOther(path: string): string | undefined {
    for (const spelled of prefixes(path)) {
      const known = this.#seen.get(this.#fold(spelled));
      if (known && known.spelled !== spelled) return known.by;
    }
    return undefined;
  }

  #fold(text: string): string {
    const composed = this.#folding.compositions ? text.normalize("NFC") : text;
    return this.#folding.cases ? composed.toUpperCase().toLowerCase() : composed;
  }
}

/** `a/b` -> `a`, `a/b`. */
function prefixes(path: string): readonly string[] {
  const names = path.split("/");
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

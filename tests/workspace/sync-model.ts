import { isSameLeaf, type State } from "./state.ts";

/** What became of a project by a folder's changes, or the paths at which both sides have changed. */
export type Synced =
  | { readonly kind: "state"; readonly files: State }
  | { readonly kind: "conflict"; readonly paths: ReadonlySet<string> };

/** Makes what was changed from `base` to `local` to what is there now. */
export function syncOnto(base: State, local: State, there: State): Synced {
  const changed = [...new Set([...base.keys(), ...local.keys()])].filter(
    (path) => !isSameAtPath(path, local, there) && !isSameAtPath(path, local, base),
  );
  const [mine, both] = partition(changed, (path) => isSameAtPath(path, base, there));
  const files = new Map(there);
  for (const path of mine) files.delete(path);
  for (const path of mine) {
    const leaf = local.get(path);
    if (leaf) files.set(path, leaf);
  }
  const blocked = mine.filter(
    (path) => local.has(path) && !there.has(path) && [...files.keys()].some(isInTheWay(path)),
  );
  if (both.length + blocked.length === 0) return { kind: "state", files };
  return { kind: "conflict", paths: new Set([...both, ...blocked]) };
}

const isInTheWay = (path: string) => (other: string) =>
  path.startsWith(`${other}/`) || other.startsWith(`${path}/`);

function partition<T>(all: readonly T[], holds: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))];
}

function isSameAtPath(path: string, a: State, b: State): boolean {
  const [one, other] = [a.get(path), b.get(path)];
  return one && other ? isSameLeaf(one, other) : one === other;
}

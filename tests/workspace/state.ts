/** The model: what a plain folder of files would hold. Shares no code with what it judges. */

export type Leaf =
  | { readonly kind: "file"; readonly content: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string };

/** Files and links by path; directories are there where something lies below them. */
export type State = ReadonlyMap<string, Leaf>;

/** What one path is to become, as `FileChange` says it. */
export type ModelChange = { readonly path: string } & (
  | { readonly kind: "file"; readonly content: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "copy"; readonly from: string }
  /** What lies at the same path of another snapshot, by path relative to it. */
  | { readonly kind: "bring"; readonly source: number; readonly files: State }
  | { readonly kind: "absent" }
);

/** The code that a refusal has. */
export type Refusal = "invalid_path" | "invalid_input" | "not_found" | "not_a_directory";

const isBelow = (path: string, place: string) => place === "" || path.startsWith(`${place}/`);
const isAt = (path: string, place: string) => path === place || isBelow(path, place);
const depthOf = (path: string) => path.split("/").length;

/** What lies at and below a place, by path relative to it ("" is the place itself). */
export function contentsOf(state: State, place: string): State {
  const found: [string, Leaf][] = [];
  for (const [path, leaf] of state) {
    if (path === place) found.push(["", leaf]);
    else if (isBelow(path, place))
      found.push([path.slice(place === "" ? 0 : place.length + 1), leaf]);
  }
  return new Map(found);
}

/** Whether a name above a path is a file or link, so that nothing can lie there. */
export function isBlocked(state: State, path: string): boolean {
  const names = path.split("/");
  return names.some((_, at) => at > 0 && state.has(names.slice(0, at).join("/")));
}

/** Whether a path holds the same in both, and can hold something in both or neither. */
export function isSameAt(path: string, a: State, b: State): boolean {
  if (isBlocked(a, path) || isBlocked(b, path)) return isBlocked(a, path) === isBlocked(b, path);
  return isSameState(contentsOf(a, path), contentsOf(b, path));
}

export function isSameState(a: State, b: State): boolean {
  return a.size === b.size && [...a].every(([path, leaf]) => isSameLeaf(leaf, b.get(path)));
}

export function isSameLeaf(a: Leaf, b: Leaf | undefined): boolean {
  if (a.kind === "link") return b?.kind === "link" && a.target === b.target;
  return b?.kind === "file" && a.content === b.content && a.executable === b.executable;
}

/** Every path that changes speak of. */
export function touchedBy(changes: readonly ModelChange[]): readonly string[] {
  return changes.flatMap((change) =>
    change.kind === "copy" ? [change.path, change.from] : [change.path],
  );
}

/** Whether a link at a path may lead out: absolute, above the top, or up from a name that may be a link. */
export function leadsOut(path: string, target: string): boolean {
  if (target === "" || target.startsWith("/")) return true;
  const names = target.split("/").filter((name) => name !== "" && name !== ".");
  const firstName = names.findIndex((name) => name !== "..");
  const climbs = firstName < 0 ? names.length : firstName;
  return names.slice(climbs).includes("..") || climbs > depthOf(path) - 1;
}

/** What the changes make of `head`, made from `base`; or why they can't be made. */
export function applyChanges(
  changes: readonly ModelChange[],
  base: State,
  head: State,
): State | Refusal {
  const fault = findFault(changes, base);
  if (fault) return fault;
  const next = new Map(head);
  let leads = false;
  for (const change of upperFirst(changes)) {
    if (isBlocked(next, change.path)) return "not_a_directory";
    const placed = placedBy(change, base);
    for (const path of [...next.keys()]) if (isAt(path, change.path)) next.delete(path);
    for (const [path, leaf] of placed) next.set(path, leaf);
    leads ||= [...placed].some(
      ([path, leaf]) => leaf.kind === "link" && leadsOut(path, leaf.target),
    );
  }
  return leads ? "invalid_path" : next;
}

/** Of two changes, one above the other, the upper one is made first. */
export function upperFirst(changes: readonly ModelChange[]): readonly ModelChange[] {
  return changes.toSorted((a, b) => depthOf(a.path) - depthOf(b.path));
}

/** What is wrong with changes by themselves, the first in their order. */
function findFault(changes: readonly ModelChange[], base: State): Refusal | undefined {
  const seen = new Set<string>();
  for (const change of changes) {
    if (change.path === "") return "invalid_path";
    if (seen.has(change.path)) return "invalid_input";
    seen.add(change.path);
    if (change.kind === "link" && leadsOut(change.path, change.target)) return "invalid_path";
    if (change.kind === "copy" && placedBy(change, base).size === 0) return "not_found";
  }
  return undefined;
}

/** Where a change puts what. */
function placedBy(change: ModelChange, base: State): State {
  if (change.kind === "absent") return new Map();
  if (change.kind === "file" || change.kind === "link") return new Map([[change.path, change]]);
  const found = [...(change.kind === "bring" ? change.files : contentsOf(base, change.from))];
  return new Map(
    found.map(([below, leaf]) => [below === "" ? change.path : `${change.path}/${below}`, leaf]),
  );
}

export interface Totals {
  readonly files: number;
  readonly bytes: number;
}

export function totalsOf(state: State): Totals {
  let bytes = 0;
  for (const leaf of state.values()) {
    if (leaf.kind === "file") bytes += Buffer.byteLength(leaf.content);
  }
  return { files: state.size, bytes };
}

/** A few words for each path that is not the same in both. */
export function differences(a: State, b: State): string {
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort();
  const show = (leaf: Leaf | undefined) => JSON.stringify(leaf)?.slice(0, 80) ?? "nothing";
  return paths
    .filter((path) => !isSameLeaf(a.get(path) ?? NOTHING, b.get(path)))
    .slice(0, 5)
    .map((path) => `${path}: ${show(a.get(path))}, not ${show(b.get(path))}`)
    .join("; ");
}

const NOTHING: Leaf = { kind: "link", target: "\0" };

import { contentsOf, isSameLeaf, type Leaf, type ModelChange, type State } from "./state.ts";

/** What a restore of a path changes in `base`: the topmost places that are not as in the snapshot `source`. */
export function changesOfRestore(
  path: string,
  base: State,
  source: { readonly number: number; readonly state: State },
): readonly ModelChange[] {
  return [...differing(path, base, source.state)].map((place) => {
    const files = contentsOf(source.state, place);
    if (files.size === 0) return { kind: "absent", path: place };
    return { kind: "bring", path: place, source: source.number, files };
  });
}

function* differing(place: string, from: State, to: State): Iterable<string> {
  const [before, after] = [whatLiesAt(place, from), whatLiesAt(place, to)];
  if (before === "directory" && after === "directory") {
    const names = new Set([...childrenOf(place, from), ...childrenOf(place, to)]);
    for (const name of names) yield* differing(place === "" ? name : `${place}/${name}`, from, to);
  } else if (!isSame(before, after)) {
    yield place;
  }
}

type Lying = Leaf | "directory" | undefined;

/** The root is a directory, be there something in it or not. */
function whatLiesAt(place: string, state: State): Lying {
  return (
    state.get(place) ??
    (childrenOf(place, state).size > 0 || place === "" ? "directory" : undefined)
  );
}

function childrenOf(place: string, state: State): ReadonlySet<string> {
  const below = [...contentsOf(state, place).keys()].filter((path) => path !== "");
  return new Set(below.map((path) => path.split("/")[0] as string));
}

function isSame(a: Lying, b: Lying): boolean {
  if (a === undefined || b === undefined || a === "directory" || b === "directory") return a === b;
  return isSameLeaf(a, b);
}

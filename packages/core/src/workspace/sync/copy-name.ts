import { MAX_NAME_BYTES } from "../limits.ts";
import { ancestors, isSameLeaf, type Leaf, type Leaves, type LocalLeaves } from "./leaf.ts";

const encoder = new TextEncoder();

/** `src/a.ts` -> `src/a.ts.zenode-7`: what snapshot 7 has there, beside what is here. From the second try on with a number. */
export function copyName(path: string, snapshot: number, attempt = 1): string {
  const suffix = `.zenode-${snapshot}${attempt > 1 ? `-${attempt}` : ""}`;
  const start = path.lastIndexOf("/") + 1;
  let name = path.slice(start);
  while (encoder.encode(name).length + suffix.length > MAX_NAME_BYTES) {
    name = [...name].slice(0, -1).join("");
  }
  return `${path.slice(0, start)}${name}${suffix}`;
}

/** Chooses names for the copies of one pull: none that is taken here or there. */
export class CopyNames {
  readonly #staying: LocalLeaves;
  readonly #snapshot: number;
  readonly #taken = new Set<string>();
  /** By what is in the way: all that lies below one name goes below one copy. */
  readonly #chosen = new Map<string, string>();

  constructor({
    local,
    remote,
    staying,
    snapshot,
  }: {
    readonly local: LocalLeaves;
    readonly remote: Leaves;
    /** What is here and is not to be replaced or removed. */
    readonly staying: LocalLeaves;
    readonly snapshot: number;
  }) {
    this.#staying = staying;
    this.#snapshot = snapshot;
    for (const path of [...local.keys(), ...remote.keys()]) {
      this.#taken.add(path);
      for (const directory of ancestors(path)) this.#taken.add(directory);
    }
  }

  /** `inTheWay` is the path itself or a name above it. A copy that is there already, with this content, is used again. */
  choose(path: string, inTheWay: string, leaf: Leaf): string {
    const known = this.#chosen.get(inTheWay);
    if (known !== undefined) return known + path.slice(inTheWay.length);
    for (let attempt = 1; ; attempt += 1) {
      const name = copyName(inTheWay, this.#snapshot, attempt);
      const copy = name + path.slice(inTheWay.length);
      if (this.#taken.has(name) && !isSameLeaf(this.#staying.get(copy), leaf)) continue;
      this.#chosen.set(inTheWay, name);
      return copy;
    }
  }
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameLeaf, type Leaf, type Leaves, type LocalLeaf, type LocalLeaves } from "./leaf.ts";
import { type PullPlan, planPull } from "./plan-pull.ts";
import { planPush } from "./plan-push.ts";

/** One letter is a file of that content, in upper case an executable one, with `>` a link; `!` is foreign. */
function leaf(text: string): LocalLeaf {
  if (text === "!") return "foreign";
  if (text.startsWith(">")) return { kind: "link", target: text.slice(1) };
  const executable = text !== text.toLowerCase();
  return { kind: "file", executable, blob: text.toLowerCase(), bytes: 1 };
}

type Texts = Readonly<Record<string, string>>;
const toLeaves = (texts: Texts) =>
  new Map(Object.entries(texts).map(([path, text]) => [path, leaf(text) as Leaf]));

function plan(base: Texts, local: Texts, remote: Texts): PullPlan {
  const [a, b, c] = [toLeaves(base), toLeaves(local), toLeaves(remote)];
  return planPull({ base: a, local: b, remote: c, snapshot: 7 });
}

function told({ writes, removals, conflicts }: PullPlan) {
  return {
    writes: writes.map(({ path }) => path),
    removals: removals.map(({ path }) => path),
    conflicts: conflicts.map(({ path, copy }) => (copy === undefined ? path : `${path} > ${copy}`)),
  };
}

const NOTHING = { writes: [], removals: [], conflicts: [] };

describe("a pull", () => {
  test.each([
    ["nothing changed", { f: "a" }, { f: "a" }, { f: "a" }, {}],
    ["changed here", { f: "a" }, { f: "b" }, { f: "a" }, {}],
    ["deleted here", { f: "a" }, {}, { f: "a" }, {}],
    ["new here", {}, { f: "a" }, {}, {}],
    ["changed here and there alike", { f: "a" }, { f: "b" }, { f: "b" }, {}],
    ["new here and there alike", {}, { f: "b" }, { f: "b" }, {}],
    ["deleted here and there", { f: "a" }, {}, {}, {}],
    ["changed there", { f: "a" }, { f: "a" }, { f: "b" }, { writes: ["f"] }],
    ["made executable there", { f: "a" }, { f: "a" }, { f: "A" }, { writes: ["f"] }],
    ["a link there now", { f: "a" }, { f: "a" }, { f: ">x" }, { writes: ["f"] }],
    ["new there", {}, {}, { f: "b" }, { writes: ["f"] }],
    ["deleted there", { f: "a" }, { f: "a" }, {}, { removals: ["f"] }],
    ["deleted here, changed there", { f: "a" }, {}, { f: "b" }, { writes: ["f"] }],
    ["changed here, deleted there", { f: "a" }, { f: "b" }, {}, { conflicts: ["f"] }],
    [
      "changed differently",
      { f: "a" },
      { f: "b" },
      { f: "c" },
      { writes: ["f.zenode-7"], conflicts: ["f > f.zenode-7"] },
    ],
    [
      "new, and different",
      {},
      { "d/f.ts": "b" },
      { "d/f.ts": "c" },
      { writes: ["d/f.ts.zenode-7"], conflicts: ["d/f.ts > d/f.ts.zenode-7"] },
    ],
    [
      "executable here, changed there",
      { f: "a" },
      { f: "A" },
      { f: "c" },
      { writes: ["f.zenode-7"], conflicts: ["f > f.zenode-7"] },
    ],
    [
      "what is here can't be read",
      { f: "a" },
      { f: "!" },
      { f: "c" },
      { writes: ["f.zenode-7"], conflicts: ["f > f.zenode-7"] },
    ],
    ["what is here can't be read, deleted there", { f: "a" }, { f: "!" }, {}, { conflicts: ["f"] }],
    ["what is here can't be read", { f: "a" }, { f: "!" }, { f: "a" }, {}],
    [
      "a directory there now",
      { f: "a" },
      { f: "a" },
      { "f/x": "b" },
      { writes: ["f/x"], removals: ["f"] },
    ],
    [
      "a file there now",
      { "f/x": "a" },
      { "f/x": "a" },
      { f: "b" },
      { writes: ["f"], removals: ["f/x"] },
    ],
    [
      "a directory there now, changed here",
      { f: "a" },
      { f: "b" },
      { "f/x": "c", "f/y/z": "d" },
      {
        writes: ["f.zenode-7/x", "f.zenode-7/y/z"],
        conflicts: ["f", "f/x > f.zenode-7/x", "f/y/z > f.zenode-7/y/z"],
      },
    ],
    [
      "a file there now, something new below it here",
      { "f/x": "a" },
      { "f/x": "a", "f/n": "n" },
      { f: "b" },
      { writes: ["f.zenode-7"], removals: ["f/x"], conflicts: ["f > f.zenode-7"] },
    ],
    [
      "below a foreign link",
      {},
      { d: "!" },
      { "d/x": "a" },
      { writes: ["d.zenode-7/x"], conflicts: ["d/x > d.zenode-7/x"] },
    ],
    [
      "the copy's name is taken here",
      { f: "a" },
      { f: "b", "f.zenode-7": "x" },
      { f: "c" },
      { writes: ["f.zenode-7-2"], conflicts: ["f > f.zenode-7-2"] },
    ],
    [
      "the copy's name is a directory here and the next one's is taken there",
      { f: "a" },
      { f: "b", "f.zenode-7/x": "x" },
      { f: "c", "f.zenode-7-2": "y" },
      { writes: ["f.zenode-7-2", "f.zenode-7-3"], conflicts: ["f > f.zenode-7-3"] },
    ],
    [
      "a pull that was cut left the copy",
      { f: "a" },
      { f: "b", "f.zenode-7": "c" },
      { f: "c" },
      { conflicts: ["f > f.zenode-7"] },
    ],
  ] as const)("%s", (_, base, local, remote, expected) => {
    expect(told(plan(base, local, remote))).toEqual({ ...NOTHING, ...expected });
  });

  test("a copy's name is never over 255 bytes", () => {
    const long = "ü".repeat(127);
    const { conflicts } = plan({}, { [long]: "a" }, { [long]: "b" });
    expect(conflicts[0]?.copy).toBe(`${"ü".repeat(123)}.zenode-7`);
  });
});

/** Trees of few names and contents, so that sides meet often. */
const tree = (contents: readonly string[]) =>
  fc
    .dictionary(
      fc.constantFrom("f", "g", "d/f", "d/e", "d/f/x", "f/x", "f/y/z", "f.zenode-7"),
      fc.constantFrom(...contents),
    )
    .map((texts) => {
      const paths = Object.keys(texts);
      const isLeaf = (path: string) => !paths.some((other) => path.startsWith(`${other}/`));
      return Object.fromEntries(Object.entries(texts).filter(([path]) => isLeaf(path)));
    });

const PLAIN = ["a", "b", "c", "A", ">x"];

function apply(local: Texts, pulled: PullPlan): Map<string, LocalLeaf> {
  const after = new Map<string, LocalLeaf>(toLeaves(local));
  for (const { path, was } of pulled.removals) {
    expect(isSameLeaf(after.get(path), was)).toBe(true);
    after.delete(path);
  }
  for (const { path, was, leaf: next } of pulled.writes) {
    // A writer replaces what the plan found, or nothing.
    if (was) expect(isSameLeaf(after.get(path), was)).toBe(true);
    else expect(after.has(path)).toBe(false);
    after.set(path, next);
  }
  return after;
}

function expectNothingLost(base: Texts, local: Texts, remote: Texts, after: LocalLeaves): void {
  const was = toLeaves(base);
  for (const [path, mine] of toLeaves(local)) {
    // What was changed here is here still, at its own path.
    if (!isSameLeaf(mine, was.get(path))) expect(after.get(path)).toEqual(mine);
  }
  const contents = [...after.values()];
  for (const [path, theirs] of toLeaves(remote)) {
    // What was changed there is here now, at its path or as a copy.
    if (isSameLeaf(theirs, was.get(path))) continue;
    expect(contents.some((content) => isSameLeaf(content, theirs))).toBe(true);
  }
}

/** The project as it is after a push of `local`, with `remote` as base. */
function push(local: LocalLeaves, remote: Leaves): Leaves {
  const there = new Map(remote);
  const { edits, conflicts } = planPush({ base: remote, local, remote });
  expect(conflicts).toEqual([]);
  for (const { path, entry } of edits) {
    for (const below of there.keys()) if (below.startsWith(`${path}/`)) there.delete(below);
    if (entry) there.set(path, entry as Leaf);
    else there.delete(path);
  }
  return there;
}

const withoutForeign = (leaves: LocalLeaves, local: LocalLeaves) =>
  new Map([...leaves].filter(([path]) => local.get(path) !== "foreign"));

test("whatever both sides did, nothing is lost, and pulling and pushing ends with both sides equal", () => {
  fc.assert(
    fc.property(tree(PLAIN), tree([...PLAIN, "!"]), tree(PLAIN), (base, local, remote) => {
      const after = apply(local, plan(base, local, remote));
      const paths = [...after.keys()];
      const isAbove = (path: string) => paths.some((other) => other.startsWith(`${path}/`));
      expect(paths.filter(isAbove)).toEqual([]);
      expectNothingLost(base, local, remote, after);
      const there = toLeaves(remote);
      const again = planPull({ base: there, local: after, remote: there, snapshot: 8 });
      expect(told(again)).toEqual(NOTHING);
      const pushed = push(after, there);
      expect(withoutForeign(after, after)).toEqual(withoutForeign(pushed, after));
    }),
    { numRuns: 3_000 },
  );
});

test("a push makes only what was changed here, and nothing that was changed there is touched", () => {
  fc.assert(
    fc.property(tree(PLAIN), tree([...PLAIN, "!"]), tree(PLAIN), (base, local, remote) => {
      const [was, here, there] = [toLeaves(base), toLeaves(local), toLeaves(remote)];
      const { edits, conflicts } = planPush({ base: was, local: here, remote: there });
      for (const { path, entry } of edits) {
        expect(isSameLeaf(here.get(path), was.get(path))).toBe(false);
        if (conflicts.length === 0) expect(isSameLeaf(there.get(path), was.get(path))).toBe(true);
        expect(entry).toEqual(here.get(path));
      }
    }),
    { numRuns: 2_000 },
  );
});

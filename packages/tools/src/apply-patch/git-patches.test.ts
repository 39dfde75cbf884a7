import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Files } from "@zenode/core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf, ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { applyPatch } from "./tool.ts";

let repository: string;
beforeAll(() => {
  repository = mkdtempSync(path.join(os.tmpdir(), "zenode-patches-"));
  git(["init", "--quiet", "--bare", "."]);
});
afterAll(() => rmSync(repository, { recursive: true }));

function git(args: readonly string[], input = ""): string {
  // Nothing of this machine's git has a say in it.
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...args], { cwd: repository, input, env, encoding: "utf8" });
}

type Kind = "file" | "run" | "link";

interface Model {
  readonly kind: Kind;
  readonly text: string;
}

type Tree = ReadonlyMap<string, Model>;

/** Names that git has to quote, and such as look like prefixes and headers; none is a directory of another. */
const NAMES = [
  "a.txt",
  "b c.txt",
  "ä.txt",
  'q"uote',
  "a/b/x",
  "b/a/x",
  "b/x b/x",
  "d/deep/er/f",
  "--- x",
  "dev/null",
];
const LINES = [
  "one\n",
  "two\n",
  "\n",
  " \n",
  "three\r\n",
  "-- \n",
  "-- a/x\n",
  "++ b/x\n",
  "@@ -1 +1 @@\n",
  "\\ No newline at end of file\n",
  "diff --git a/x b/x\n",
  "größer 🚀\u2028x\n",
  "\ufeffx\n",
];

const anyLine = fc.oneof(
  fc.constantFrom(...LINES),
  fc.integer({ min: 0, max: 50 }).map((at) => `line ${at}\n`),
);
const anyText = fc
  .tuple(fc.array(anyLine, { maxLength: 40 }), fc.boolean())
  .map(([lines, isCut]) => lines.join("").slice(0, isCut ? -1 : undefined));
const toLink = (text: string): Model => ({ kind: "link", text });
const anyFile: fc.Arbitrary<Model> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("file", "run"), text: anyText }) },
  { weight: 1, arbitrary: fc.constantFrom("a.txt", "d/x").map(toLink) },
);
const anyTree: fc.Arbitrary<Tree> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), anyFile), { selector: ([name]) => name })
  .map((entries) => new Map(entries));

type Edit = (tree: Map<string, Model>) => void;

const anyName = fc.constantFrom(...NAMES);
const isLink = (file: Model | undefined) => file?.kind === "link";

/** A link that becomes a file is two patches of one path to git, which are refused. */
function changesKind(old: Tree, next: Tree): boolean {
  return [...old].some(([name, file]) => next.has(name) && isLink(file) !== isLink(next.get(name)));
}

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(anyName, anyFile).map(
    ([name, file]): Edit =>
      (tree) =>
        tree.set(name, file),
  ),
  anyName.map(
    (name): Edit =>
      (tree) =>
        tree.delete(name),
  ),
  fc.tuple(anyName, anyName, fc.boolean()).map(
    ([from, to, keeps]): Edit =>
      (tree) => {
        const file = tree.get(from);
        if (!file || tree.has(to)) return;
        if (!keeps) tree.delete(from);
        tree.set(to, file);
      },
  ),
  fc.tuple(anyName, fc.nat(40), anyLine, fc.nat(2)).map(
    ([name, at, line, removed]): Edit =>
      (tree) => {
        const file = tree.get(name);
        if (!file || isLink(file)) return;
        const lines = file.text.split(/(?<=\n)/);
        lines.splice(at, removed, line);
        tree.set(name, { ...file, text: lines.join("") });
      },
  ),
  anyName.map(
    (name): Edit =>
      (tree) => {
        const file = tree.get(name);
        if (file && !isLink(file))
          tree.set(name, { ...file, kind: file.kind === "run" ? "file" : "run" });
      },
  ),
);

const MODES = { file: "100644", run: "100755", link: "120000" };

/** For git-fast-import(1). */
function toCommit(branch: string, tree: Tree): string {
  const files = [...tree].map(
    ([name, { kind, text }]) =>
      `M ${MODES[kind]} inline "${name.replaceAll('"', '\\"')}"\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  return `commit refs/heads/${branch}\ncommitter x <x@x> 0 +0000\ndata 0\ndeleteall\n${files.join("")}\n`;
}

function diff(old: Tree, next: Tree, options: readonly string[]): string {
  git(["fast-import", "--quiet", "--force"], toCommit("old", old) + toCommit("next", next));
  return git(["diff-tree", "-p", ...options, "old", "next"]);
}

function toFiles(tree: Tree): Files {
  return Object.fromEntries(
    [...tree].map(([name, { kind, text }]) => {
      if (kind === "link") return [name, { link: text }];
      return [kind === "run" ? `${name}*` : name, text];
    }),
  );
}

function toExpected(tree: Tree): Record<string, string> {
  return Object.fromEntries(
    [...tree].map(([name, { kind, text }]) => {
      if (kind === "link") return [name, `-> ${text}`];
      return [kind === "run" ? `${name}*` : name, text];
    }),
  );
}

test("what git finds between any two trees makes the one of the other", async () => {
  const seen = { renamed: 0, copied: 0, deleted: 0, created: 0, modified: 0 };
  await fc.assert(
    fc.asyncProperty(
      anyTree,
      fc.array(anyEdit, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(["-M"], ["-M30", "-U1"], ["-C", "--find-copies-harder"], ["--no-renames"]),
      fc.constantFrom([], ["--no-prefix"], ["--full-index", "-U10"]),
      async (old, edits, finding, form) => {
        const next = new Map(old);
        for (const edit of edits) edit(next);
        fc.pre(!changesKind(old, next));
        const patch = diff(old, next, [...finding, ...form]);
        fc.pre(patch !== "");
        const workspace = await ToolWorkspace.of({ app: toFiles(old) });
        const result = await workspace.run(applyPatch, { patch });
        expect(toText(result)).toMatch(/^Changed /);
        expect(await filesOf(workspace, "app")).toEqual(toExpected(next));
        for (const { change, moved } of toStructured(result).files as {
          change: keyof typeof seen;
          moved: unknown[];
        }[]) {
          expect(moved).toEqual([]);
          seen[change] += 1;
        }
      },
    ),
    { numRuns: 80, seed: 1 },
  );
  for (const [change, times] of Object.entries(seen)) expect(times, change).toBeGreaterThan(0);
});

test("a patch finds its lines in a file that others made longer or shorter", async () => {
  const unique = Array.from({ length: 60 }, (_, at) => `line ${at}\n`);
  const anyEdits = fc.array(
    fc.tuple(fc.integer({ min: 12, max: 59 }), fc.constantFrom("", "x\n")),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(anyEdits, fc.nat(8), fc.nat(8), async (edits, removed, added) => {
      const next = [...unique];
      for (const [at, text] of edits) next[at] = text;
      const trees = [unique, next].map(
        (lines) => new Map([["f", { kind: "file", text: lines.join("") }]] as const),
      );
      const patch = diff(trees[0] as Tree, trees[1] as Tree, []);
      const theirs = Array.from({ length: added }, (_, at) => `theirs ${at}\n`);
      const text = (lines: readonly string[]) => [...theirs, ...lines.slice(removed)].join("");
      const workspace = await ToolWorkspace.of({ app: { f: text(unique) } });
      const result = await workspace.run(applyPatch, { patch });
      expect((await filesOf(workspace, "app")).f).toBe(text(next));
      const [file] = toStructured(result).files as { moved: { offset: number }[] }[];
      const offsets = new Set(file?.moved.map(({ offset }) => offset));
      expect(offsets).toEqual(new Set(added === removed ? [] : [added - removed]));
    }),
    { numRuns: 20 },
  );
});

test("a patch with any bytes changed is applied or refused, and never does half of it", async () => {
  const anyDamage = fc.array(
    fc.tuple(
      fc.nat(5_000),
      fc.nat(12),
      fc.constantFrom("", "\n", "+", "-", " ", "@@", "..", "a/", "9", "\\", '"'),
    ),
    { minLength: 1, maxLength: 4 },
  );
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(
      anyTree,
      fc.array(anyEdit, { minLength: 2, maxLength: 8 }),
      anyDamage,
      async (old, edits, damage) => {
        const next = new Map(old);
        for (const edit of edits) edit(next);
        let patch = diff(old, next, ["-M"]);
        fc.pre(patch !== "");
        for (const [at, removed, text] of damage) {
          const start = at % patch.length;
          patch = patch.slice(0, start) + text + patch.slice(start + removed) || "x";
        }
        const workspace = await ToolWorkspace.of({ app: toFiles(old) });
        const result = await workspace.run(applyPatch, { patch });
        if (!result.isError) applied += 1;
        else expect(await filesOf(workspace, "app")).toEqual(toExpected(old));
      },
    ),
    { numRuns: 40 },
  );
  expect(applied).toBeGreaterThan(0);
});

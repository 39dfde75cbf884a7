import { expect, test } from "vitest";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { tree } from "./tool.ts";

const FILES = {
  "README.md": "hello",
  "src/a.ts": "aa",
  "src/deep/er/b.ts": "b",
  "src/deep/c.ts": "ccc",
  "src/l": { link: "a.ts" },
  "test/x.ts": "",
};

async function grow(input: object, files: Readonly<Record<string, string | object>> = FILES) {
  const workspace = await ToolWorkspace.of({ app: files as typeof FILES });
  const result = await workspace.run(tree, input);
  const { entries, truncated } = toStructured(result);
  return { entries, truncated, lines: toText(result).split("\n") };
}

test("shows what lies where, with counts and sizes of what is directly in a directory", async () => {
  const { lines, entries, truncated } = await grow({});
  expect(lines).toEqual([
    "app/ (2 directories, 1 files of 5 bytes)",
    "  README.md (5)",
    "  src/ (1 directories, 1 links, 1 files of 2 bytes)",
    "    a.ts (2)",
    "    deep/ (1 directories, 1 files of 3 bytes)",
    "      c.ts (3)",
    "      er/ (1 files of 1 bytes) …",
    "    l -> a.ts",
    "  test/ (1 files of 0 bytes)",
    "    x.ts (0)",
  ]);
  expect(truncated).toBe(true);
  expect(entries).toContainEqual({ path: "src/l", kind: "link", target: "a.ts" });
  expect(entries).toContainEqual({
    ...{ path: "src/deep/er", kind: "directory", hidden: 1 },
    ...{ files: 1, links: 0, directories: 0, bytes: 1 },
  });
});

test("is whole when it is deep enough, and begins where it is told", async () => {
  const { lines, truncated } = await grow({ depth: 4, path: "src/deep" });
  expect(lines).toEqual([
    "src/deep/ (1 directories, 1 files of 3 bytes)",
    "  c.ts (3)",
    "  er/ (1 files of 1 bytes)",
    "    b.ts (1)",
  ]);
  expect(truncated).toBe(false);
});

test("shows directories alone, with the counts of their files", async () => {
  const { lines, truncated } = await grow({ files: false, depth: 20 });
  expect(lines).toEqual([
    "app/ (2 directories, 1 files of 5 bytes)",
    "  src/ (1 directories, 1 links, 1 files of 2 bytes)",
    "    deep/ (1 directories, 1 files of 3 bytes)",
    "      er/ (1 files of 1 bytes)",
    "  test/ (1 files of 0 bytes)",
  ]);
  expect(truncated).toBe(false);
});

test("a crowded directory leaves lines for the others, and says what it leaves out", async () => {
  const crowd = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`big/f${at}`, "x"]));
  const { lines } = await grow({}, { ...crowd, "big/sub/y": "y", "z/one": "1" });
  expect(lines).toHaveLength(1 + 2 + 100 + 2);
  expect(lines).toContain("    … 402 more (402 files of 402 bytes)");
  expect(lines).toContain("    sub/ (1 files of 1 bytes)");
  expect(lines).toContain("    one (1)");
});

test.each([10, 11, 50, 333])("never has more lines than %i and the top", async (maxLines) => {
  const files = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, at) => [`a${at % 7}/b${at % 31}/c${at}`, "x"]),
  );
  const { lines, truncated, entries } = await grow({ depth: 20, max_lines: maxLines }, files);
  expect(lines.length).toBeLessThanOrEqual(maxLines + 1);
  expect(lines.length).toBeGreaterThan(maxLines / 2);
  expect(truncated).toBe(true);
  // Whatever is not shown is counted by the directory it lies in.
  const told = entries as { path: string; kind: string; files?: number; hidden?: number }[];
  for (const { kind, path, files: direct = 0, hidden = 0 } of told) {
    if (kind !== "directory" || !/^a\d\/b\d+$/.test(path)) continue;
    const shown = told.filter((one) => one.path.startsWith(`${path}/`)).length;
    expect(shown + hidden).toBe(direct);
  }
});

test("reads only the directories it shows", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`d${at}/x/y/z/f`, `${at}`]),
  );
  const workspace = await ToolWorkspace.of({ app: files });
  const context = workspace.context();
  const listed: string[] = [];
  const { open } = context.projects;
  context.projects.open = async (name) => {
    const snapshot = await open.call(context.projects, name);
    const { list } = snapshot;
    snapshot.list = (path) => {
      listed.push(path);
      return list.call(snapshot, path);
    };
    return snapshot;
  };
  const run = await tree.load();
  await run({ depth: 1, files: true, max_lines: 20, project: undefined, path: undefined }, context);
  expect(listed).toHaveLength(1 + 19);
});

test.each([
  [{ path: "none" }, /There is no none/],
  [{ path: "README.md" }, /is a file, not a directory/],
  [{ path: "src/l" }, /is a link, not a directory/],
  [{ path: "../x" }, /can't be used/],
])("%j fails in a way the model can mend", async (input, message) => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(tree, input);
  expect(result.isError).toBe(true);
  expect(toText(result)).toMatch(message);
});

test("an empty project is an empty tree", async () => {
  expect((await grow({}, {})).lines).toEqual(["app/ (empty)"]);
});

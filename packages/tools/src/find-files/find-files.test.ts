import { comparePaths } from "@zenode/core";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { run } from "./run.ts";
import { findFiles } from "./tool.ts";

const FILES = {
  "a.txt": "",
  "a/b.ts": "",
  "a/c/d.ts": "",
  "a/c/e.test.ts": "",
  "app/(auth)/page.tsx": "",
  "z/latest": { link: "../a.txt" },
  "run*": "#!",
};

async function find(input: object) {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(findFiles, input);
  return { ...toStructured(result), text: toText(result) };
}

test.each([
  [{}, ["a/b.ts", "a/c/d.ts", "a/c/e.test.ts", "a.txt", "app/(auth)/page.tsx", "run", "z/latest"]],
  [{ glob: "*.ts" }, ["a/b.ts", "a/c/d.ts", "a/c/e.test.ts"]],
  [{ glob: "*.ts", path: "a/c" }, ["a/c/d.ts", "a/c/e.test.ts"]],
  [{ glob: "c/*.ts", path: "./a/" }, ["a/c/d.ts", "a/c/e.test.ts"]],
  [{ glob: "app/(auth)/*" }, ["app/(auth)/page.tsx"]],
  [{ kind: "link" }, ["z/latest"]],
  [{ kind: "file", path: "z" }, []],
  [{ kind: "directory" }, ["a/", "a/c/", "app/", "app/(auth)/", "z/"]],
  [{ kind: "directory", glob: "c" }, ["a/c/"]],
  [{ after: "a/c/d.ts", glob: "*.ts" }, ["a/c/e.test.ts"]],
  [{ after: "a/c/dd", glob: "*.ts" }, ["a/c/e.test.ts"]],
  [{ after: "a", kind: "directory" }, ["a/c/", "app/", "app/(auth)/", "z/"]],
  [{ after: "zz" }, []],
])("%j finds these, sorted", async (input, paths) => {
  const found = await find(input);
  expect(found).toMatchObject({ project: "app", snapshot: 1, paths });
  expect(found).not.toHaveProperty("next");
  expect(found.text).toBe(paths.length === 0 ? "Nothing found." : paths.join("\n"));
});

test("reads no directory in which the glob has no match", async () => {
  const context = (await ToolWorkspace.of({ app: FILES })).context();
  const snapshot = await context.projects.open("app");
  const list = vi.spyOn(snapshot, "list");
  vi.spyOn(context.projects, "open").mockResolvedValue(snapshot);
  await run({ project: "app", glob: "c/*.ts", path: "a", after: "", max_results: 10 }, context);
  await run({ project: "app", glob: "app/*/*", path: "", after: "", max_results: 10 }, context);
  expect(list.mock.calls.flat()).toEqual(["a", "a/c", "", "app", "app/(auth)"]);
});

test("says when there are more, and how to go on", async () => {
  const found = await find({ glob: "*.ts", max_results: 2 });
  expect(found).toMatchObject({ paths: ["a/b.ts", "a/c/d.ts"], next: "a/c/d.ts" });
  expect(found.text).toBe('a/b.ts\na/c/d.ts\n… only the first 2; go on with after="a/c/d.ts".');
  expect(await find({ glob: "*.ts", max_results: 3 })).not.toHaveProperty("next");
});

test.each([
  [{ path: "none" }, /There is no none/],
  [{ path: "run" }, /run is a file, not a directory/],
  [{ path: "z/latest" }, /link, not a directory/],
  [{ path: "../x" }, /can't be used/],
  [{ after: "../x" }, /can't be used/],
  [{ glob: "*a*a*a*a*a*b" }, /more than 4 stars/],
])("%j fails in a way the model can mend", async (input, message) => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(findFiles, input);
  expect(result.isError).toBe(true);
  expect(toText(result)).toMatch(message);
});

test("of 12,000 files in 400 directories no content is read, and the trees come by few requests", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 12_000 }, (_, at) => [`d${at % 400}/f${at}.ts`, `${at}`]),
  );
  const workspace = await ToolWorkspace.of({ app: files });
  const before = workspace.packs.requests.read;
  const result = await workspace.run(findFiles, { glob: "f1199?.ts" });
  expect(toStructured(result).paths).toHaveLength(10);
  // The index, and one run of trees.
  expect(workspace.packs.requests.read - before).toBeLessThanOrEqual(3);
});

const anyName = fc.constantFrom("a", "b", "a.b", "a-b", "ä", "B");
const anyPath = fc
  .array(anyName, { minLength: 1, maxLength: 3 })
  .map((names) => `${names.join("/")}/f`);

test("pages of any size are together all there is, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyPath, { maxLength: 20 }),
      fc.integer({ min: 1, max: 7 }),
      async (paths, size) => {
        const workspace = await ToolWorkspace.of({
          app: Object.fromEntries(paths.map((path) => [path, ""])),
        });
        const found: string[] = [];
        let after: unknown = "";
        while (after !== undefined) {
          const page = toStructured(
            await workspace.run(findFiles, { max_results: size, after }),
          ) as { readonly paths: string[]; readonly next?: string };
          found.push(...page.paths);
          after = page.next;
        }
        expect(found).toEqual(paths.toSorted(comparePaths));
      },
    ),
    { numRuns: 60 },
  );
});

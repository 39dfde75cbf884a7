import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { rgPath } from "@vscode/ripgrep";
import type { Computer } from "@zenode/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTree, sh, zodFolder } from "../testing/real-tree.ts";
import { startProcess } from "../testing/start-process.ts";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { searchFiles } from "./tool.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Everything in which the two engines could differ. */
const CORPUS: Readonly<Record<string, string | Uint8Array | { readonly link: string }>> = {
  "src/a.ts": "const one = 1;\nconst two = 2;\n\nexport { one, two };\n",
  "src/a/b.ts": "import { one } from '../a.ts';\n",
  "src/a-b.ts": "one\n",
  "src.txt": "one",
  "A.txt": "ONE\nOne\n",
  "crlf.txt": "one\r\ntwo one\r\n",
  ".hidden/x": "one hidden\n",
  ".gitignore": "ignored\n",
  ignored: "one ignored\n",
  "bom.txt": "\ufeffone at the beginning\n",
  "utf16.txt": Uint8Array.from([0xff, 0xfe, ...[..."one\n"].flatMap((c) => [c.charCodeAt(0), 0])]),
  "unicode.txt": "größe ONE\nΩmega one\n😀 one\nnaïve K\u212a\nline\u2028separator one\n",
  "latin1.txt": Uint8Array.of(...bytes("first one\ngr"), 0xfc, ...bytes(" one\nlast one\n")),
  "nul.bin": "one before\n\0\none after\n",
  "late-nul.bin": `one\n${"a line of filler\n".repeat(8_000)}\0`,
  empty: "",
  newline: "\n",
  "blank.txt": "one\n\n\nfour\n",
  "no-end.txt": "first\nlast one",
  "long.txt": `${"x".repeat(3_000)}one${"y".repeat(3_000)}\n`,
  "link.txt": { link: "src.txt" },
  "dir (1)/ü.txt": "one\n",
  "\ud83d\ude00": "one\n",
  "\uffee": "one\n",
};

let folder: string;
let workspace: ToolWorkspace;
let computer: Computer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "zenode-search-"));
  workspace = await ToolWorkspace.of({ app: CORPUS });
  for (const [name, content] of Object.entries(CORPUS)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    if (typeof content === "object" && "link" in content) await symlink(content.link, file);
    else await writeFile(file, content);
  }
  computer = {
    ripgrep: rgPath,
    start: startProcess,
    checkout: async () => ({ folder, snapshot: 1 }),
  };
});
afterAll(() => rm(folder, { recursive: true }));

const search = (input: object) => workspace.run(searchFiles, { max_results: 1_000, ...input });
const searchOnWorker = (input: object) =>
  workspace.run(searchFiles, { max_results: 1_000, ...input }, computer);

describe("in Lambda and on a worker, the same is found in the same order", () => {
  test.each([
    [{ pattern: "one" }],
    [{ pattern: "one", ignore_case: true }],
    [{ pattern: "one", max_results: 3 }],
    [{ pattern: "one", context: 2 }],
    [{ pattern: "one", context: 1, max_results: 5 }],
    [{ pattern: "^one" }],
    [{ pattern: "one$" }],
    [{ pattern: "one.$" }],
    [{ pattern: "^$" }],
    [{ pattern: "." }],
    [{ pattern: "\\bone\\b" }],
    [{ pattern: "gr\\w+e" }],
    [{ pattern: "gr\\S+e" }],
    [{ pattern: "\\p{Greek}" }],
    [{ pattern: "k", ignore_case: true }],
    [{ pattern: "^.one", context: 1 }],
    [{ pattern: "one", path: "src" }],
    [{ pattern: "one", path: "./src/" }],
    [{ pattern: "one", path: "src/a.ts" }],
    [{ pattern: "one", path: "src/a.ts", glob: "*.md" }],
    [{ pattern: "one", path: "nul.bin" }],
    [{ pattern: "one", path: "dir (1)" }],
    [{ pattern: "one", glob: "*.ts" }],
    [{ pattern: "one", glob: "src/**/*.ts" }],
    [{ pattern: "b", path: "src", glob: "a/*" }],
    [{ pattern: "nowhere" }],
    [{ pattern: "(", glob: "*.ts" }],
    [{ pattern: "one", path: "missing" }],
    [{ pattern: "one", path: "link.txt" }],
  ])("%j", async (input) => {
    const here = await search(input);
    expect(await searchOnWorker(input)).toEqual(here);
  });

  test("whatever the pattern is", async () => {
    const atoms = [
      ..."aeknosxwotTO1 ",
      ...[
        "\\w",
        "\\W",
        "\\d",
        "\\s",
        "\\S",
        "\\b",
        "^",
        "$",
        ".",
        "[a-n]",
        "[^e-z]",
        "[[:upper:]]",
      ],
      ...["\\pL", "ü", "ß", "(?i:ONE)", "(?i)", "[&&o]", "\\.", "\\x{6f}", "\u212a", "😀"],
    ];
    const quantified = fc
      .tuple(fc.constantFrom(...atoms), fc.constantFrom("", "", "", "*", "+", "?", "{2}"))
      .map((parts) => parts.join(""));
    const sequence = fc
      .array(quantified, { minLength: 1, maxLength: 4 })
      .map((all) => all.join(""));
    const pattern = fc.oneof(
      sequence,
      fc.tuple(sequence, sequence).map(([a, b]) => `(${a}|${b})`),
    );
    await fc.assert(
      fc.asyncProperty(pattern, fc.boolean(), async (text, ignore_case) => {
        const input = { pattern: text, ignore_case, max_results: 200 };
        expect(await searchOnWorker(input)).toEqual(await search(input));
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("a search", () => {
  test("answers as grep does, sorted by path, without binary files", async () => {
    expect(toText(await search({ pattern: "one", glob: "*.{ts,txt}", path: "src" }))).toBe(
      [
        "src/a/b.ts:1:import { one } from '../a.ts';",
        "src/a-b.ts:1:one",
        "src/a.ts:1:const one = 1;",
        "src/a.ts:4:export { one, two };",
        "",
      ].join("\n"),
    );
    const result = await search({ pattern: "one" });
    const paths = new Set(
      (toStructured(result).matches as { path: string }[]).map((match) => match.path),
    );
    expect([...paths].filter((name) => /bin|utf16|link/.test(name))).toEqual([]);
    expect(paths).toContain("ignored");
    expect(paths).toContain(".hidden/x");
  });

  test("shows lines around matches, each once", async () => {
    const shown = toText(await search({ pattern: "one|four", path: "blank.txt", context: 1 }));
    expect(shown).toBe("blank.txt:1:one\nblank.txt-2-\nblank.txt-3-\nblank.txt:4:four\n");
    const split = toText(await search({ pattern: "one", path: "src/a.ts", context: 0 }));
    expect(split).toBe("src/a.ts:1:const one = 1;\nsrc/a.ts:4:export { one, two };\n");
  });

  test("finds each line once and counts lines rightly, however many candidates stand in it", async () => {
    const text = ["", "one one", "", "two", "onetwo one", "two one", "", "one"].join("\n");
    const app = await ToolWorkspace.of({ app: { a: `${text}\n`, b: text } });
    const result = await app.run(searchFiles, { pattern: "^one", max_results: 10 });
    const lines = (toStructured(result).matches as { path: string; line: number }[]).map(
      ({ path: file, line }) => `${file}:${line}`,
    );
    expect(lines).toEqual(["a:2", "a:5", "a:8", "b:2", "b:5", "b:8"]);
  });

  test("stops at max_results and says that there is more", async () => {
    const result = await search({ pattern: "one", max_results: 2 });
    expect(result.structured).toMatchObject({ truncated: true });
    expect(result.structured?.matches).toHaveLength(2);
    expect(toText(result)).toMatch(/stopped after 2 matches; there are more/);
    const all = await search({ pattern: "const", max_results: 2 });
    expect(all.structured).toMatchObject({ truncated: false });
  });

  test("cuts long lines and carriage returns", async () => {
    const long = await search({ pattern: "one", path: "long.txt" });
    expect(long.structured?.matches).toEqual([
      { path: "long.txt", line: 1, text: `${"x".repeat(500)}…` },
    ]);
    const crlf = await search({ pattern: "two", path: "crlf.txt" });
    expect(crlf.structured?.matches).toEqual([{ path: "crlf.txt", line: 2, text: "two one" }]);
  });

  test("agrees with grep on a real tree", async () => {
    const zod = await ToolWorkspace.of({ zod: readTree(zodFolder) });
    for (const pattern of [
      "export (function|const) \\w+Schema",
      "TODO|FIXME",
      "^import .* from ['\"]zod",
    ]) {
      const result = await zod.run(searchFiles, { pattern, max_results: 1_000 });
      const found = (toStructured(result).matches as { path: string; line: number }[]).map(
        ({ path: file, line }) => `${file}:${line}`,
      );
      const grep = sh(`grep -rnIE ${JSON.stringify(pattern)} . | cut -d: -f1,2`, zodFolder)
        .split("\n")
        .filter(Boolean)
        .map((line) => line.replace(/^\.\//, ""));
      expect(grep.length).toBeLessThan(1_000);
      expect(found.toSorted()).toEqual(grep.toSorted());
    }
    const progress = zod.progress.map(([done]) => done);
    expect(progress.length).toBeGreaterThan(0);
  });

  test.each([
    [{ pattern: "(" }, /missing closing \)/],
    [{ pattern: "(?=a)" }, /invalid or unsupported Perl syntax/],
    [{ pattern: "(a)\\1" }, /invalid escape sequence/],
    [{ pattern: "a\\nb" }, /one by one/],
    [{ pattern: "one", path: "link.txt" }, /symbolic link/],
    [{ pattern: "one", path: "../x" }, /can't be used/],
    [{ pattern: "one", glob: "*a*a*a*a*a*" }, /stars/],
  ])("%j fails in a way the model can mend", async (input, message) => {
    const result = await search(input);
    expect(result.isError).toBe(true);
    expect(toText(result)).toMatch(message);
  });

  test("by a pattern that backtracking engines choke on takes linear time", async () => {
    const evil = await ToolWorkspace.of({ app: { a: `${"a".repeat(50_000)}!\n` } });
    const result = await evil.run(searchFiles, { pattern: "(a+)+(a+)+$" });
    expect(toText(result)).toBe("No matches.");
  });

  test("that was cancelled ends, and so does its process", async () => {
    const stop = new AbortController();
    stop.abort();
    const run = await searchFiles.load();
    const input = { pattern: "one", ignore_case: false, context: 0, max_results: 10 };
    const context = { ...workspace.context(computer), signal: stop.signal };
    await expect(run(input, context)).rejects.toMatchObject({ name: "AbortError" });
  });

  test("without a ripgrep to run fails as the platform's failure", async () => {
    const broken = { ...computer, ripgrep: path.join(folder, "none") };
    const searching = workspace.run(searchFiles, { pattern: "one" }, broken);
    await expect(searching).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a search is weighed", () => {
  const { placement } = searchFiles;
  const weigh = async (projects: Parameters<typeof ToolWorkspace.of>[0], project?: string) => {
    if (placement.kind !== "auto") throw new Error("The tool weighs its calls.");
    const input = { pattern: "x", ignore_case: false, context: 0, max_results: 10 };
    const context = (await ToolWorkspace.of(projects)).context();
    return placement.weigh(project === undefined ? input : { ...input, project }, context);
  };

  test("as work that grows with files and bytes", async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`f${at}`, ""]));
    expect(await weigh({ app: many })).toBe(160);
    expect(await weigh({ app: { a: new Uint8Array(16 * 1_048_576) } })).toBe(480.08);
  });

  test("as no work when the project can't be opened", async () => {
    expect(await weigh({ app: { a: "x" } }, "web")).toBe(0);
    expect(await weigh({})).toBe(0);
  });
});

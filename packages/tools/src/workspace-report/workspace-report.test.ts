import { expect, test } from "vitest";
import { readTree, sh, zodFolder } from "../testing/real-tree.ts";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { toLanguage } from "./language.ts";
import { workspaceReport } from "./tool.ts";

test("counts files, bytes and lines by language", async () => {
  const workspace = await ToolWorkspace.of({
    app: {
      "a.ts": "1\n2\n",
      "b/c.TS": "3",
      "b/d.md": "# d\n",
      Makefile: "all:\n",
      LICENSE: "free\n",
      "data.xyz": "",
      "copy/a.ts": "1\n2\n",
      "p.png": Uint8Array.of(0x89, 10, 0, 10),
      l: { link: "a.ts" },
    },
  });
  const result = await workspace.run(workspaceReport, { top: 2 });
  expect(result.structured).toEqual({
    project: "app",
    snapshot: 1,
    totals: { files: 8, bytes: 27, lines: 7, links: 1, binary_files: 1 },
    languages: [
      { language: "TypeScript", files: 3, bytes: 9, lines: 4 },
      { language: "(no extension)", files: 1, bytes: 5, lines: 1 },
      { language: "Makefile", files: 1, bytes: 5, lines: 1 },
      { language: "Image", files: 1, bytes: 4, lines: 0 },
      { language: "Markdown", files: 1, bytes: 4, lines: 1 },
      { language: ".xyz", files: 1, bytes: 0, lines: 0 },
    ],
    largest: [
      { path: "LICENSE", bytes: 5 },
      { path: "Makefile", bytes: 5 },
    ],
    duplicates: [{ bytes: 4, copies: 2, wasted_bytes: 4, paths: ["a.ts", "copy/a.ts"] }],
  });
  expect(toText(result)).toContain("2 x 4 bytes: a.ts, copy/a.ts");
});

test("agrees with wc and find on a real tree, and tells about every percent", async () => {
  const workspace = await ToolWorkspace.of({ zod: readTree(zodFolder) });
  const structured = toStructured(await workspace.run(workspaceReport, {}));
  const number = (command: string) => Number(sh(command, zodFolder).trim());
  expect(structured).toMatchObject({
    totals: {
      files: number("find . -type f | wc -l"),
      bytes: number("find . -type f -exec cat {} + | wc -c"),
      lines: number("find . -type f -exec cat {} + | wc -l"),
    },
  });
  const languages = structured.languages as readonly {
    language: string;
    files: number;
    lines: number;
  }[];
  expect(languages.find(({ language }) => language === "Markdown")).toMatchObject({
    files: number("find . -type f -name '*.md' | wc -l"),
    lines: number("find . -type f -name '*.md' -exec cat {} + | wc -l"),
  });
  const contents = number(
    "find . -type f -size +0 -exec sha256sum {} + | cut -d' ' -f1 | sort | uniq -d | wc -l",
  );
  const all = await workspace.run(workspaceReport, { top: 100 });
  expect(all.structured?.duplicates).toHaveLength(Math.min(100, contents));
  const [largest] = structured.largest as readonly { bytes: number }[];
  expect(largest?.bytes).toBe(number("find . -type f -printf '%s\\n' | sort -n | tail -1"));
  const steps = workspace.progress.slice(0, workspace.progress.length / 2);
  expect(steps.length).toBeGreaterThanOrEqual(100);
  expect(steps.map(([done]) => done)).toEqual(
    steps.map(([done]) => done).toSorted((a, b) => a - b),
  );
  expect(steps.at(-1)?.[0]).toBe(steps.at(-1)?.[1]);
});

test.each([
  ["src/index.ts", "TypeScript"],
  ["a.test.d.mts", "TypeScript"],
  ["Dockerfile", "Dockerfile"],
  [".gitignore", "(no extension)"],
  ["x/README", "(no extension)"],
  ["a.unknown", ".unknown"],
  ["a.", "(no extension)"],
])("%s is %s", (path, language) => {
  expect(toLanguage(path)).toBe(language);
});

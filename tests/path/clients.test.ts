import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectLegacy, connectModern, type TestClient } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import {
  type FoundLine,
  grep,
  type MeasuredFolder,
  measureFolder,
} from "../harness/measured-tree.ts";
import { type RealTree, realTree, TEN_THOUSAND } from "../harness/real-tree.ts";

const PATTERN = "class [A-Za-z]+ extends (Error|TypeError)\\b";
const TOOLS = [
  "apply_patch",
  "delete",
  "diff",
  "edit_file",
  "export",
  "file_info",
  "find_files",
  "history",
  "import_repository",
  "list_directory",
  "move",
  "prepare_upload",
  "projects",
  "read_file",
  "report_projects",
  "restore",
  "run_command",
  "search_files",
  "task",
  "tree",
  "whoami",
  "workspace_report",
  "write_file",
];

let local: LocalPath;
let tree: RealTree;
let expected: MeasuredFolder;
let lines: FoundLine[];
/** Process ids of the mcp function's invocations, as they ended. */
const served: number[] = [];

beforeAll(async () => {
  [local, tree] = await Promise.all([
    startPath({
      emulator: {
        lambda: {
          rotation: { kind: "strict", minProcesses: 3 },
          report: ({ function: name, pid }) => {
            if (name === "mcp") served.push(pid);
          },
        },
      },
    }),
    realTree(TEN_THOUSAND),
  ]);
  expected = await measureFolder(tree.folder);
  lines = await grep(PATTERN, tree.folder);
});

afterAll(async () => {
  await local.close();
  await tree.remove();
});

interface Report {
  readonly totals: Record<string, number>;
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
  readonly duplicates: readonly { readonly bytes: number; readonly copies: number }[];
}

function expectReport(report: unknown): void {
  const { totals, largest, duplicates } = report as Report;
  const { files, bytes, lines: newlines, binaryFiles } = expected;
  expect(totals).toEqual({ files, bytes, lines: newlines, binary_files: binaryFiles, links: 0 });
  expect(largest[0]).toEqual(expected.largest);
  expect(duplicates[0]).toMatchObject(expected.mostWasteful);
}

/** search_files shows 500 characters of a line, and no carriage return at its end. */
const toShown = ({ path, line, text }: FoundLine) =>
  `${path}:${line}:${text.length > 500 ? `${text.slice(0, 500)}…` : text.replace(/\r$/, "")}`;

function expectMatches(answer: unknown): void {
  const { matches, truncated } = answer as { matches: FoundLine[]; truncated: boolean };
  const found = new Set(matches.map(({ path, line, text }) => `${path}:${line}:${text}`));
  const wanted = lines.map(toShown);
  expect(wanted.filter((one) => !found.has(one))).toEqual([]);
  expect(matches).toHaveLength(wanted.length);
  expect(truncated).toBe(false);
}

test("the tree is a real one", () => {
  expect(expected.files).toBeGreaterThan(10_000);
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.length).toBeLessThan(1_000);
});

test("the command line pushes it, and a second push sends nothing", async () => {
  const words = ["push", tree.folder, "--project", "real", "--state", local.state, "--json"];
  const first = await zenode(...words);
  expect(first.stderr).toContain("committing");
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({
    kind: "committed",
    snapshot: 1,
    files: expected.files,
    bytes: expected.bytes,
    skipped: [],
  });
  const again = await zenode(...words);
  expect(JSON.parse(again.stdout)).toMatchObject({
    kind: "unchanged",
    snapshot: 1,
    uploaded: { blobs: 0, packs: 0, bytes: 0 },
  });
});

describe.each([
  ["2026-07-28", "SDK v2", connectModern, 10],
  ["2025-11-25", "SDK v1", connectLegacy, 11],
] as const)("a client of revision %s (%s)", (version, _, connect, top) => {
  let client: TestClient;

  beforeAll(async () => {
    client = await connect(local.mcpUrl, await local.token());
  });
  afterAll(() => client.close());

  test("speaks its revision and sees every tool", async () => {
    expect(client.protocolVersion).toBe(version);
    expect(await client.tools()).toEqual(TOOLS);
  });

  test("searches what grep finds", async () => {
    const { structured, isError, text } = await client.call("search_files", {
      pattern: PATTERN,
      max_results: 1_000,
    });
    expect(isError, text).toBe(false);
    expectMatches(structured);
  });

  test("gets a report that is right, with progress on the way", async () => {
    const { structured, isError, progress, text } = await client.call("workspace_report", { top });
    expect(isError, text).toBe(false);
    expectReport(structured);
    expect(progress.length).toBeGreaterThan(1);
    const done = progress.map((one) => one.progress);
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({ progress: expected.files, total: expected.files });
  });

  test("reads a file whole", async () => {
    const { text } = await client.call("read_file", { path: "zod/package.json" });
    expect(JSON.parse(text)).toMatchObject({ name: "zod" });
  });
});

test("every request went to another process than the one before", () => {
  expect(new Set(served).size).toBeGreaterThanOrEqual(3);
});

test("the command line searches and reports, with progress on standard error", async () => {
  const common = ["--project", "real", "--state", local.state];
  const search = ["call", "search_files", "--pattern", PATTERN, "--max_results", "1000"];
  const [found, report] = await Promise.all([
    zenode(...search, "--glob=zod/**", ...common),
    zenode("call", "workspace_report", "--json", ...common),
  ]);
  expect([found.code, report.code]).toEqual([0, 0]);
  const inZod = lines.filter(({ path }) => path.startsWith("zod/")).map(toShown);
  expect(inZod.length).toBeGreaterThan(0);
  expect(found.stdout.trim().split("\n").sort()).toEqual(inZod.sort());
  expectReport(JSON.parse(report.stdout).structuredContent);
  expect(report.stderr).toMatch(/^ *\d+ % {2}Counted \d+ of \d+ files$/m);
  expect(report.stderr).toMatch(/^100 % {2}/m);
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { StoredTransfers } from "@zenode/core";
import { MemoryTransferStore, makePrincipal } from "@zenode/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareUpload } from "../prepare-upload/tool.ts";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import type { ArchivedFile } from "./archived-file.ts";
import { exportProject } from "./tool.ts";
import { writeZip } from "./write-zip.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "zenode-export-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const FILES = {
  a: "first\n",
  "bin/run*": "#!/bin/sh\n",
  "bin/link": { link: "../a" },
  "docs/ä ö 🚀.md": "unicode",
  [`docs/${"x".repeat(200)}`]: "a name of 200 bytes",
  [`docs/${"y".repeat(99)}`]: "a path of 104 bytes",
  empty: "",
  "far/link": { link: `../docs/${"x".repeat(200)}` },
  "large.bin": Buffer.alloc(1_500_000, "0123456789"),
};

async function exported(format: "tar.gz" | "zip", files = FILES) {
  const workspace = await ToolWorkspace.of({ app: files });
  const { clock, codec } = workspace;
  const store = new MemoryTransferStore(clock);
  const writing = async () => workspace;
  const transfers = new StoredTransfers({
    ...{ principal: makePrincipal(), store, codec, clock, writing },
  });
  const result = await workspace.run(exportProject, { format }, undefined, { transfers });
  const { url } = toStructured(result) as { url: string };
  const body = Buffer.from((await store.download(url)) ?? []);
  const file = path.join(folder, `app.${format}`);
  writeFileSync(file, body);
  return { workspace, transfers, result, body, file };
}

const run = (command: string) =>
  execFileSync("sh", ["-c", command], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC" },
  });

test.each([
  ["tar.gz", "tar -xzf app.tar.gz -C out"],
  ["zip", "unzip -q app.zip -d out"],
] as const)("a %s is what the usual tools unpack to the same files", async (format, unpack) => {
  const { result, body } = await exported(format);
  expect(toStructured(result)).toMatchObject({
    ...{ project: "app", snapshot: 1, file_name: `app-1.${format}`, files: 9, bytes: body.length },
    expires_at: "2026-09-21T15:13:20.000Z",
  });
  expect(result.content[1]).toMatchObject({ type: "resource_link", name: `app-1.${format}` });
  const listed = run(
    `mkdir out; ${unpack}; cd out; find . -type f -printf '%P %m %s %TY-%Tm-%TdT%TH:%TM\\n' -o -type l -printf '%P -> %l\\n' | sort`,
  );
  const made = "2026-09-21T14:13";
  expect(listed.trim().split("\n")).toEqual([
    `a 644 6 ${made}`,
    "bin/link -> ../a",
    `bin/run 755 10 ${made}`,
    `docs/${"x".repeat(200)} 644 19 ${made}`,
    `docs/${"y".repeat(99)} 644 19 ${made}`,
    `docs/ä ö 🚀.md 644 7 ${made}`,
    `empty 644 0 ${made}`,
    `far/link -> ../docs/${"x".repeat(200)}`,
    `large.bin 644 1500000 ${made}`,
  ]);
  expect(run("cat 'out/docs/ä ö 🚀.md' out/a out/bin/run")).toBe("unicodefirst\n#!/bin/sh\n");
});

test("two exports of one snapshot are the same bytes", async () => {
  for (const format of ["tar.gz", "zip"] as const) {
    const [one, two] = [await exported(format), await exported(format)];
    expect(one.body.equals(two.body)).toBe(true);
  }
});

test("an older snapshot can be had, one that never was not", async () => {
  const { workspace, transfers } = await exported("zip");
  await workspace.push("app", { b: "second" });
  const older = await workspace.run(exportProject, { snapshot: 1 }, undefined, { transfers });
  expect(toStructured(older)).toMatchObject({ snapshot: 1, files: 9 });
  const newest = await workspace.run(exportProject, {}, undefined, { transfers });
  expect(toStructured(newest)).toMatchObject({ snapshot: 2, files: 1 });
  const none = await workspace.run(exportProject, { snapshot: 9 }, undefined, { transfers });
  expect([none.isError, toText(none)]).toEqual([
    true,
    "There is no snapshot 9 of app yet; the newest is 2.",
  ]);
});

test("a zip of 66,000 files is counted right", async () => {
  async function* many(): AsyncGenerator<ArchivedFile> {
    for (let at = 0; at < 66_000; at += 1) {
      yield { kind: "link", path: `l${at}`, target: "x" };
    }
  }
  const parts: Uint8Array[] = [];
  for await (const part of writeZip(many(), 1_790_000_000)) parts.push(part);
  writeFileSync(path.join(folder, "many.zip"), Buffer.concat(parts));
  expect(run("unzip -tq many.zip")).toContain("No errors detected");
  expect(run("unzip -l many.zip | tail -1")).toMatch(/ 66000 files$/m);
});

test("an upload is prepared with the words that send it", async () => {
  const { workspace, transfers } = await exported("zip", { a: "" } as never);
  const prepared = await workspace.run(prepareUpload, { bytes: 5 }, undefined, { transfers });
  const { url, upload, expires_at } = toStructured(prepared) as Record<string, string>;
  expect(expires_at).toBe("2026-09-21T15:13:20.000Z");
  expect(toText(prepared)).toBe(
    `Send the file, until ${expires_at}: curl --fail --upload-file FILE '${url}'\nThen call import_repository with upload: ${upload}`,
  );
  const large = await workspace.run(prepareUpload, { bytes: 2 ** 40 }, undefined, { transfers });
  expect([large.isError, toText(large)]).toEqual([
    true,
    "An upload has at most 3221225472 bytes; this would have 1099511627776.",
  ]);
});

test("where nothing moves past the server the tools say so", async () => {
  const workspace = await ToolWorkspace.of({ app: { a: "" } });
  for (const [tool, input] of [
    [exportProject, {}],
    [prepareUpload, { bytes: 1 }],
  ] as const) {
    const result = await workspace.run(tool, input);
    expect([result.isError, toText(result)]).toEqual([
      true,
      "This server serves your own folder, on your own machine: copy the files there yourself.",
    ]);
  }
});

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A folder's files, counted without any of the platform's code. */
export interface MeasuredFolder {
  readonly files: number;
  readonly bytes: number;
  /** Newlines of files without NUL bytes. */
  readonly lines: number;
  readonly binaryFiles: number;
  readonly largest: { readonly path: string; readonly bytes: number };
  /** Of the content that wastes most: its size and how often it lies there. */
  readonly mostWasteful: { readonly bytes: number; readonly copies: number };
}

export async function measureFolder(folder: string): Promise<MeasuredFolder> {
  const sum = { files: 0, bytes: 0, lines: 0, binaryFiles: 0, largest: { path: "", bytes: -1 } };
  const contents = new Map<string, { bytes: number; copies: number }>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file);
    const bytes = content.length;
    sum.files += 1;
    sum.bytes += bytes;
    if (content.includes(0)) sum.binaryFiles += 1;
    else sum.lines += content.toString("latin1").split("\n").length - 1;
    if (bytes > sum.largest.bytes) sum.largest = { path: path.relative(folder, file), bytes };
    const hash = createHash("sha256").update(content).digest("hex");
    contents.set(hash, { bytes, copies: (contents.get(hash)?.copies ?? 0) + 1 });
  }
  const wasted = ({ bytes, copies }: { bytes: number; copies: number }) => bytes * (copies - 1);
  const [mostWasteful] = [...contents.values()].sort((a, b) => wasted(b) - wasted(a));
  return { ...sum, mostWasteful: mostWasteful ?? { bytes: 0, copies: 0 } };
}

export interface FoundLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** `grep -rnE` over a folder, binary files left out. */
export async function grep(pattern: string, folder: string): Promise<FoundLine[]> {
  const flags = ["-rnE", "--binary-files=without-match", "--null"];
  const { stdout } = await run("grep", [...flags, "-e", pattern, "."], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
  });
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((found) => {
      const [file = "", rest = ""] = found.split("\0");
      const colon = rest.indexOf(":");
      return {
        path: path.normalize(file),
        line: Number(rest.slice(0, colon)),
        text: rest.slice(colon + 1),
      };
    });
}

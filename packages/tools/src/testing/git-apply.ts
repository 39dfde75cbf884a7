import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";

/** Content by path: a link as `-> target`, an executable with a star behind the path. */
export type Listing = Readonly<Record<string, string>>;

/** What git makes of files by a patch. @throws git's refusal. */
export function gitApply(files: Listing, patch: string): Listing {
  const folder = mkdtempSync(path.join(os.tmpdir(), "zenode-apply-"));
  try {
    for (const [name, content] of Object.entries(files)) write(folder, name, content);
    if (patch !== "") {
      const args = ["apply", "--whitespace=nowarn", "-"];
      execFileSync("git", args, { cwd: folder, input: patch, stdio: ["pipe", "pipe", "pipe"] });
    }
    return list(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, name: string, content: string): void {
  const file = path.join(folder, name.replace(/\*$/, ""));
  mkdirSync(path.dirname(file), { recursive: true });
  if (content.startsWith("-> ")) symlinkSync(content.slice(3), file);
  else writeFileSync(file, content);
  if (name.endsWith("*")) chmodSync(file, 0o755);
}

function list(folder: string): Listing {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file);
    if (entry.isSymbolicLink()) files[name] = `-> ${readlinkSync(file)}`;
    if (!entry.isFile()) continue;
    const isExecutable = (lstatSync(file).mode & 0o100) !== 0;
    files[name + (isExecutable ? "*" : "")] = readFileSync(file, "utf8");
  }
  return files;
}

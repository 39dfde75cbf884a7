import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** Where the installed packages lie. */
export const MODULES = path.resolve(import.meta.dirname, "../../node_modules");

/** Real packages, pinned by the lock file: together over 10,000 files, about 80 MB. */
export const TEN_THOUSAND = [
  "@aws-sdk",
  "@smithy",
  "@modelcontextprotocol",
  "knip",
  "zod",
  "hono",
  "ajv",
  "jose",
  "vitest",
  "vite",
];
/** A few hundred files. */
export const SOME_HUNDRED = ["jose", "vite"];

export interface RealTree {
  readonly folder: string;
  remove(): Promise<void>;
}

/** A folder with copies of installed packages. */
export async function realTree(packages: readonly string[]): Promise<RealTree> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-tree-"));
  for (const name of packages) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await cp(path.join(MODULES, name), path.join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

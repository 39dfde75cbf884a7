import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { bytesOf, modulesIn } from "../bundle/bundle-contents.ts";

/** What esbuild's output names are relative to. */
const ROOT = path.resolve(import.meta.dirname, "../..");

export interface LoadedCode {
  readonly files: number;
  /** Source modules in the loaded files. */
  readonly modules: number;
  readonly bytes: number;
}

/** What a traced process loaded of its bundle (see trace-loads.ts). */
export async function readLoads(traceFile: string, metafile: Metafile): Promise<LoadedCode> {
  const urls = (await readFile(traceFile, "utf8")).split("\n");
  const files = urls
    .filter((url) => url.startsWith("file:"))
    .map((url) => path.relative(ROOT, fileURLToPath(url)).replaceAll(path.sep, "/"))
    .filter((file) => metafile.outputs[file] !== undefined);
  return {
    files: files.length,
    modules: modulesIn(metafile, files).length,
    bytes: bytesOf(metafile, files),
  };
}

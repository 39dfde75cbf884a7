import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** The AWS SDK with what only it brings along. */
const AWS_SDK = /node_modules\/(@aws-sdk|@smithy|@aws-crypto|@aws\/lambda-invoke-store|bowser)\//;

export interface BundleSize {
  readonly bytes: number;
  readonly bytesWithoutAwsSdk: number;
}

export function sizeOf({ outputs }: Metafile): BundleSize {
  let [bytes, awsSdk] = [0, 0];
  for (const output of Object.values(outputs)) {
    bytes += output.bytes;
    for (const [source, { bytesInOutput }] of Object.entries(output.inputs))
      if (AWS_SDK.test(source)) awsSdk += bytesInOutput;
  }
  return { bytes, bytesWithoutAwsSdk: bytes - awsSdk };
}

/** The bundle's files an entry loads before its first line runs: the closure of static imports. */
export function eagerOutputs({ outputs }: Metafile, entrySource: string): readonly string[] {
  const entry = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entrySource);
  if (!entry) throw new Error(`The bundle has no entry ${entrySource}.`);
  const eager = new Set<string>();
  const visit = (file: string): void => {
    if (eager.has(file)) return;
    eager.add(file);
    for (const { kind, path: imported, external } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && external !== true) visit(imported);
  };
  visit(entry[0]);
  return [...eager];
}

/** The source modules that lie in these files of the bundle. */
export function modulesIn({ outputs }: Metafile, files: readonly string[]): readonly string[] {
  return files.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
}

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
  const bytes = files.reduce((sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0), 0);
  return { files: files.length, modules: modulesIn(metafile, files).length, bytes };
}

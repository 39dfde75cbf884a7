import type { Metafile } from "esbuild";

/** The AWS SDK with what only it brings along. */
const AWS_SDK = /node_modules\/(@aws-sdk|@smithy|@aws-crypto|@aws\/lambda-invoke-store|bowser)\//;

/** Bytes as they are deployed, minified. */
export interface BundleSize {
  readonly bytes: number;
  readonly bytesWithoutAwsSdk: number;
}

/** Of all files of a bundle, the lazily loaded ones too. */
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

/** Bytes of these files of the bundle. */
export function bytesOf({ outputs }: Metafile, files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
}

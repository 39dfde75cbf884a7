import { mkdir, readdir, rm, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { type BuildResult, build } from "esbuild";
import { functions } from "../stacks/shape.ts";
import { jsonProtocols, LIGHTER, lightManifests } from "./lighter-modules.ts";

const root = path.resolve(import.meta.dirname, "..");

/** Bundles in `outDir`: one folder per Lambda function and one for the worker. */
export interface Bundles {
  readonly outDir: string;
  /** Folder of a function's or the worker's bundle. */
  folder(name: string): string;
}

export const WORKER_BUNDLE = "worker";

export interface BundleEntry {
  readonly name: string;
  /** Source file, relative to the repository. */
  readonly source: string;
}

/** What is deployed: the functions of `stacks/shape.ts` and the worker. */
export const ENTRIES: readonly BundleEntry[] = [
  ...Object.entries(functions).map(([name, { handler }]) => ({
    name,
    source: handler.replace(/\.\w+$/, ".ts"),
  })),
  { name: WORKER_BUNDLE, source: "packages/worker/src/main.ts" },
];

/** `packages/…/mcp.handler` -> `mcp.handler`: the handler inside its bundle. */
export function bundledHandler(handler: string): string {
  return path.basename(handler);
}

/** ESM bundles use `require` for a few built-in modules of CommonJS dependencies. */
const BANNER =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * Bundles entries the way they are deployed: minified ES modules, one chunk per lazy import, so that
 * what a call does not use is not read at a cold start.
 */
export async function bundle(
  entries: readonly BundleEntry[],
  outDir: string,
): Promise<Bundles & { readonly results: ReadonlyMap<string, BuildResult> }> {
  await mkdir(outDir, { recursive: true });
  const results = new Map<string, BuildResult>();
  await Promise.all(
    entries.map(async ({ name, source }) => {
      const folder = path.join(outDir, name);
      await rm(folder, { recursive: true, force: true });
      const alias = name in functions ? LIGHTER : {};
      results.set(name, await bundleOne(path.join(root, source), folder, alias));
      if (name === WORKER_BUNDLE) await linkExternals(folder);
    }),
  );
  return { outDir, folder: (name) => path.join(outDir, name), results };
}

/** Packages that stay outside the bundles; the worker's image has them installed (packages/worker/Dockerfile). */
const EXTERNALS = ["@vscode/ripgrep", `@vscode/ripgrep-${process.platform}-${process.arch}`];

/** Locally the installed packages stand in for the image's, wherever the bundle lies. */
async function linkExternals(folder: string): Promise<void> {
  for (const name of EXTERNALS) {
    const link = path.join(folder, "node_modules", name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(root, "node_modules", name), link);
  }
}

function bundleOne(
  source: string,
  folder: string,
  alias: Readonly<Record<string, string>>,
): Promise<BuildResult> {
  return build({
    entryPoints: [source],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: false,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    alias: { ...alias },
    plugins: [jsonProtocols, lightManifests],
    // "module" first: the AWS SDK's "node" condition leads to CommonJS, of which nothing unused falls away.
    conditions: ["module", "import", "node"],
    sourcemap: false,
    legalComments: "none",
    metafile: true,
    banner: { js: BANNER },
    // ripgrep's package finds its executable beside its own files.
    external: [...EXTERNALS],
    logLevel: "error",
    absWorkingDir: root,
  });
}

/** Bytes of all files of a bundle. */
export async function bundleBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".mjs"));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(path.join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

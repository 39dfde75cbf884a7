import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import type { SynthApp } from "./graph.ts";

export interface Project {
  readonly root: string;
  /** `.sst/platform`. */
  readonly platform: string;
  /** This synth's own folder, gone afterwards. */
  readonly work: string;
  /** Distinguishes this synth's files from those of another at the same time. */
  readonly id: string;
}

type Esbuild = typeof import("esbuild");

interface Config {
  readonly app: (input: { stage: string }) => unknown;
}

/** CommonJS names that the platform's bundled dependencies expect. */
const REQUIRE_BANNER = [
  'import { createRequire as __createRequire } from "node:module";',
  'import { fileURLToPath as __fileURLToPath } from "node:url";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = __fileURLToPath(import.meta.url);",
  'const __dirname = __fileURLToPath(new URL(".", import.meta.url));',
  "",
].join("\n");

/** As in SST's pkg/js/js.go. */
const EXTERNAL = [
  "@pulumi/*",
  "undici",
  "@pulumiverse/*",
  "@sst-provider/*",
  "@aws-sdk/*",
  "esbuild",
  "archiver",
  "glob",
  "vite",
];

function platformEsbuild({ platform }: Project): Esbuild {
  if (!existsSync(path.join(platform, "node_modules/@pulumi/aws")))
    throw new Error("SST's components are missing: run scripts/sst-platform.ts first");
  return createRequire(path.join(platform, "package.json"))("esbuild") as Esbuild;
}

/** Bundles lie in the platform's folder, for its dependencies are looked up from there. */
const outputFile = ({ platform, id }: Project, kind: string) =>
  path.join(platform, `synth.${kind}.${id}.mjs`);

function commonOptions({ root, platform }: Project, contents: string) {
  return {
    bundle: true,
    platform: "node",
    format: "esm",
    write: true,
    logLevel: "silent",
    sourcemap: "linked",
    mainFields: ["module", "main"],
    nodePaths: [path.join(platform, "node_modules")],
    external: EXTERNAL,
    stdin: { contents, resolveDir: root, loader: "ts" },
  } satisfies BuildOptions;
}

const quote = (text: string) => JSON.stringify(text);

/** The CLI's first pass: `app()` alone. */
export async function readApp(project: Project, stage: string): Promise<SynthApp> {
  const config = path.join(project.root, "sst.config.ts");
  const outfile = outputFile(project, "app");
  try {
    await platformEsbuild(project).build({
      ...commonOptions(project, `export { default } from ${quote(config)}`),
      banner: { js: `${REQUIRE_BANNER}function $config(input) { return input }` },
      plugins: [noTopLevelImports],
      outfile,
    });
    const loaded = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as {
      default: Config;
    };
    const defaults = { removal: "retain", protect: false, providers: {} };
    return { ...defaults, ...((await loaded.default.app({ stage })) as SynthApp), stage };
  } finally {
    await Promise.all([outfile, `${outfile}.map`].map((file) => rm(file, { force: true })));
  }
}

/** The CLI refuses them; so the deploy would fail where the synth passed. */
const noTopLevelImports: Plugin = {
  name: "no-top-level-imports",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path: wanted, importer, kind }) => {
      if (path.basename(importer) !== "sst.config.ts" || kind !== "import-statement")
        return undefined;
      return {
        errors: [{ text: `sst.config.ts may not import "${wanted}" outside of run()` }],
      };
    });
  },
};

/** The CLI's second pass: `run()`, with its defines, injects and globals. Answers the bundle's file. */
export async function bundleProgram(
  project: Project,
  { app, dev }: { app: SynthApp; dev: boolean },
): Promise<string> {
  const { root, platform, work } = project;
  const outfile = outputFile(project, "run");
  const program = `
    import { main } from ${quote(path.join(import.meta.dirname, "child/main.ts"))};
    import { run } from ${quote(path.join(platform, "src/auto/run.ts"))};
    import config from ${quote(path.join(root, "sst.config.ts"))};
    await main(() => run(config.run));`;
  await platformEsbuild(project).build({
    ...commonOptions(project, program),
    banner: { js: REQUIRE_BANNER },
    define: {
      $app: JSON.stringify(app),
      $dev: String(dev),
      $cli: JSON.stringify({
        command: "deploy",
        dev,
        paths: { home: work, root, work, platform },
        state: { version: {} },
      }),
    },
    inject: [path.join(platform, "src/shim/run.js")],
    plugins: [stableNames, await globals(project)],
    outfile,
  });
  return outfile;
}

/** Physical names end in random letters; here they follow from the name, so that graphs compare. */
const stableNames: Plugin = {
  name: "stable-names",
  setup(build) {
    build.onLoad({ filter: /[\\/]components[\\/]naming\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const contents = source.replace('crypto.randomBytes(8).toString("hex")', "main");
      if (contents === source) throw new Error("SST's physicalName() is not what it was");
      return { contents, loader: "ts" };
    });
  },
};

/** Gives our own files `sst`, `aws` and the other providers as the CLI does. */
async function globals({ root, platform }: Project): Promise<Plugin> {
  const lock = await readFile(path.join(root, ".sst/provider-lock.json"), "utf8");
  const providers = JSON.parse(lock) as { alias: string; package: string }[];
  const imports = [
    ...providers.map((each) => `import * as ${each.alias} from ${quote(each.package)};`),
    `import * as sst from ${quote(path.join(platform, "src/components"))};`,
  ].join("\n");
  const foreign = [path.join(root, ".sst"), import.meta.dirname].map((folder) => folder + path.sep);
  return {
    name: "globals",
    setup(build) {
      build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, async ({ path: file }) => {
        const isOurs =
          file.startsWith(root + path.sep) &&
          !file.includes(`${path.sep}node_modules${path.sep}`) &&
          !foreign.some((folder) => file.startsWith(folder));
        if (!isOurs) return undefined;
        return { contents: `${imports}\n${await readFile(file, "utf8")}`, loader: "default" };
      });
    },
  };
}

import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");

/** What our functions take instead of a heavier module. */
export const LIGHTER: Readonly<Record<string, string>> = {
  // The file says why.
  "@aws-sdk/credential-provider-node": fileURLToPath(
    import.meta.resolve("../packages/aws/src/absent-credential-chain.ts"),
  ),
  // This one does, too.
  "@modelcontextprotocol/server/_shims": fileURLToPath(
    import.meta.resolve("../packages/core/src/mcp/absent-shims.ts"),
  ),
};

const PROTOCOLS = path.join(root, "node_modules/@aws-sdk/core/dist-es/submodules/protocols");
/** Loaded at every start; the other clients are loaded when they are needed. */
const OF_DYNAMODB = /[\\/]@aws-sdk[\\/](client-dynamodb|dynamodb-codec)[\\/]/;

/**
 * DynamoDB's client takes its protocol from a list of all, XML's among them, which S3 alone needs: the
 * bundler would put those (14 KB) where both find them, and so into every cold start. Here it finds JSON's.
 */
export const jsonProtocols: Plugin = {
  name: "json-protocols",
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/core\/protocols$/ }, ({ importer }) =>
      OF_DYNAMODB.test(importer) ? { path: "json", namespace: "json-protocols" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "json-protocols" }, () => ({
      contents: `
        export * from ${JSON.stringify(path.join(PROTOCOLS, "json/AwsJson1_0Protocol.js"))};
        export * from "@smithy/core/protocols";`,
      resolveDir: PROTOCOLS,
    }));
  },
};

/** A client reads its version from its package's manifest; the rest of it stays outside. */
export const lightManifests: Plugin = {
  name: "light-manifests",
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async (file) => {
      const { name, version } = JSON.parse(await readFile(file.path, "utf8")) as {
        readonly name: string;
        readonly version: string;
      };
      return { contents: JSON.stringify({ name, version }), loader: "json" };
    });
  },
};

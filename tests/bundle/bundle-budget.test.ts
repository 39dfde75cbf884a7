import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { bundle, ENTRIES, WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { bytesOf, eagerOutputs, modulesIn, sizeOf } from "./bundle-contents.ts";

const outDir = await mkdtemp(path.join(os.tmpdir(), "zenode-budget-"));
const entries = ENTRIES.filter(({ name }) => name !== WORKER_BUNDLE);
const { results } = await bundle(entries, outDir);
afterAll(() => rm(outDir, { recursive: true, force: true }));

function metafileOf(name: string): Metafile {
  const metafile = results.get(name)?.metafile;
  if (!metafile) throw new Error(`There is no bundle ${name}.`);
  return metafile;
}

function eagerModules(name: string): readonly string[] {
  const entry = entries.find((candidate) => candidate.name === name);
  const metafile = metafileOf(name);
  return modulesIn(metafile, eagerOutputs(metafile, entry?.source ?? ""));
}

/** Packages whose code is read before a call has said what it wants. */
function eagerPackages(name: string): ReadonlySet<string> {
  const packages = eagerModules(name).map(
    (module) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? "",
  );
  return new Set(packages);
}

describe("the mcp function", () => {
  test("is below 1 MB without the AWS SDK, lazy parts included", () => {
    expect(sizeOf(metafileOf("mcp")).bytesWithoutAwsSdk).toBeLessThan(1_000_000);
  });

  test("reads at most 750 KB in at most 12 files at a cold start", () => {
    const metafile = metafileOf("mcp");
    const files = eagerOutputs(metafile, "packages/gateway/src/entries/mcp.ts");
    expect(bytesOf(metafile, files)).toBeLessThan(750_000);
    expect(files.length).toBeLessThanOrEqual(12);
  });

  test("starts with what every call needs", () => {
    expect([...eagerPackages("mcp")]).toEqual(
      expect.arrayContaining(["@modelcontextprotocol/server", "zod", "@aws-sdk/client-dynamodb"]),
    );
  });

  test.each([
    "re2js",
    "picomatch",
    "@aws-sdk/client-s3",
    "@aws-sdk/client-ecs",
    "@aws-sdk/client-sqs",
    "negotiator",
    "@aws-sdk/s3-request-presigner",
    "@aws-sdk/nested-clients",
    "bowser",
  ])("leaves %s for the calls that need it", (name) => {
    expect(eagerPackages("mcp")).not.toContain(name);
  });

  test("leaves every tool's implementation for its calls", () => {
    const runs = /^packages\/tools\/src\/.*\/run\.ts$/;
    const all = Object.keys(metafileOf("mcp").inputs);
    expect(all.filter((module) => runs.test(module)).length).toBeGreaterThan(0);
    expect(eagerModules("mcp").filter((module) => runs.test(module))).toEqual([]);
  });

  test("leaves what changes, moves, counts and collects projects for those who do", () => {
    const writes =
      /^packages\/core\/src\/workspace\/(change\/(snapshot-writer|compact)|collect\/|compare\/differences|push-service|storage\/)/;
    const all = Object.keys(metafileOf("mcp").inputs).filter((module) => writes.test(module));
    expect(all.length).toBeGreaterThan(5);
    expect(eagerModules("mcp").filter((module) => writes.test(module))).toEqual([]);
  });

  test.each(["@aws-sdk/credential-provider-node", "@vscode/ripgrep"])("has no %s", (name) => {
    const modules = Object.keys(metafileOf("mcp").inputs);
    expect(modules.filter((module) => module.includes(`node_modules/${name}/`))).toEqual([]);
  });

  test("has no compiling JSON Schema validator", () => {
    expect(Object.keys(metafileOf("mcp").inputs).filter((module) => /ajv/i.test(module))).toEqual(
      [],
    );
  });
});

test.each(["mcp", "reaper", "watch", "collect"])(
  "%s takes the AWS SDK as ES modules, so that unused code falls away",
  (name) => {
    const commonJs = /node_modules\/(@aws-sdk|@smithy)\/.*\/dist-cjs\//;
    expect(Object.keys(metafileOf(name).inputs).filter((module) => commonJs.test(module))).toEqual(
      [],
    );
  },
);

test.each(["reaper", "watch", "collect"])("the %s starts without the MCP SDK", (name) => {
  const packages = eagerPackages(name);
  expect(packages).toContain("@aws-sdk/client-dynamodb");
  expect(packages).not.toContain("@modelcontextprotocol/server");
});

test("the metadata function is a few KB", () => {
  expect(sizeOf(metafileOf("metadata")).bytes).toBeLessThan(10_000);
});

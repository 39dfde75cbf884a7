/** The law of imports. Every rule says why. Checked by tests/architecture/import-law.test.ts. */
import type { ICruiseOptions, IFlattenedRuleSet, IForbiddenRuleType } from "dependency-cruiser";

const room = (name: string): string => `^packages/${name}/`;

const mayImportOnly = (name: string, ...friends: string[]): IForbiddenRuleType => ({
  name: `${name}-imports-${friends.join("-") || "nobody"}`,
  comment: `packages/${name} may import ${friends.join(", ") || "no other package of ours"}.`,
  severity: "error",
  from: { path: room(name) },
  to: { path: "^packages/", pathNot: [name, ...friends].map(room) },
});

export const law: IFlattenedRuleSet = {
  forbidden: [
    mayImportOnly("core"),
    mayImportOnly("emulator"),
    mayImportOnly("auth", "core"),
    mayImportOnly("aws", "core", "auth"),
    mayImportOnly("node", "core", "auth"),
    mayImportOnly("tools", "core"),
    mayImportOnly("gateway", "core", "auth", "aws", "node", "tools"),
    mayImportOnly("worker", "core", "aws", "node", "tools"),
    mayImportOnly("cli", "core", "emulator", "node", "tools"),
    {
      name: "adapters-are-named-only-where-things-are-composed",
      comment: "Gateway and worker code speaks to ports; compose.ts alone picks the adapters.",
      severity: "error",
      from: { path: "^packages/(gateway|worker)/src/", pathNot: "/compose\\.ts$" },
      to: { path: "^packages/(aws|node)/" },
    },
    {
      name: "aws-sdk-stays-in-aws",
      comment: "AWS exceptions and clients die in one package.",
      severity: "error",
      from: { path: "^packages/", pathNot: "^packages/aws/" },
      to: { path: "@aws-sdk/|@smithy/" },
    },
    {
      name: "mcp-sdk-stays-in-core-mcp",
      comment: "One room knows the protocol; the command line alone is an MCP client.",
      severity: "error",
      from: {
        path: "^packages/",
        pathNot: ["^packages/core/src/mcp/", "^packages/cli/src/connection/mcp-connection\\.ts$"],
      },
      to: { path: "@modelcontextprotocol/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "core-is-runtime-neutral",
      comment: "core runs in Lambda, Fargate, the browser and tests alike.",
      severity: "error",
      from: { path: room("core"), pathNot: ["\\.test\\.ts$", "^packages/core/src/testing/"] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "lib-knows-no-room",
      comment: "lib is what every room stands on.",
      severity: "error",
      from: { path: "^packages/core/src/lib/" },
      to: { path: "^packages/core/src/", pathNot: "^packages/core/src/lib/" },
    },
    {
      name: "tool-stands-alone",
      comment:
        "core/tool is what tool authors see; it rests on lib, and on the types of what a context offers.",
      severity: "error",
      from: { path: "^packages/core/src/tool/", pathNot: "\\.test\\.ts$" },
      to: {
        path: "^packages/core/src/",
        pathNot: "^packages/core/src/(tool|lib)/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "mcp-is-an-edge",
      comment: "The domain does not know the protocol; the protocol knows the domain.",
      severity: "error",
      from: { path: "^packages/core/src/", pathNot: "^packages/core/src/(mcp|testing)/" },
      to: { path: "^packages/core/src/mcp/" },
    },
    {
      name: "by-the-front-door",
      comment: "Cross a package border only through the files its package.json exports.",
      severity: "error",
      from: { path: "^(?:packages|tests)/([^/]+)/" },
      to: {
        path: "^packages/([^/]+)/src/",
        pathNot: [
          "^packages/$1/",
          "^packages/[^/]+/src/(index|testing/index|mcp/index|main|local|storage|auth)\\.ts$",
          "^packages/core/src/workspace/(compare/index|storage/index|push-pull)\\.ts$",
        ],
      },
    },
    {
      name: "no-circles",
      comment:
        "A circle has no bottom to start reading at. Types alone close none: a tool's run names its input's type.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
};

export const cruiseOptions: ICruiseOptions = {
  doNotFollow: { path: "node_modules" },
  exclude: { path: "/dist/" },
  tsPreCompilationDeps: true,
  tsConfig: { fileName: "tsconfig.json" },
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["import", "types", "node", "default"],
    extensions: [".ts", ".tsx", ".js"],
  },
};

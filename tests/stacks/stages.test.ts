import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readRoles } from "./roles.ts";
import { renderEnvTypes } from "./synth/env-types.ts";
import type { SynthGraph } from "./synth/graph.ts";
import { synthesise } from "./synth/synthesise.ts";

const envTypes = path.resolve(import.meta.dirname, "../../sst-env.d.ts");

describe("stage production", () => {
  let graph: SynthGraph;
  let again: SynthGraph;

  beforeAll(async () => {
    graph = await synthesise({ stage: "production" });
    again = await synthesise({ stage: "production" });
  }, 120_000);

  test("the stage itself cannot be removed", () => {
    expect(graph.app).toMatchObject({ removal: "retain", protect: true });
  });

  test("table, bucket and users survive the removal of their resources", () => {
    const table = graph.get("aws:dynamodb/table:Table");
    const bucket = graph.get("aws:s3/bucket:Bucket");
    expect(table.retainOnDelete).toBe(true);
    expect(table.inputs).toMatchObject({
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: true },
    });
    expect(bucket.retainOnDelete).toBe(true);
    expect(bucket.inputs.forceDestroy).toBe(false);
    expect(graph.get("aws:cognito/userPool:UserPool").inputs.deletionProtection).toBe("ACTIVE");
  });

  test("the graph is the same each time", () => {
    const comparable = ({ resources }: SynthGraph) =>
      JSON.stringify(resources).replaceAll(/\/synth\/production-[\d-]+\//g, "/synth/");
    expect(comparable(again)).toBe(comparable(graph));
  });

  test("sst-env.d.ts is what a deploy would write", async () => {
    const fresh = renderEnvTypes(graph.links);
    if (process.env.UPDATE) await writeFile(envTypes, fresh);
    expect(await readFile(envTypes, "utf8"), "run with UPDATE=1 to write it").toBe(fresh);
  });
});

describe("stage dev, under sst dev", () => {
  let graph: SynthGraph;

  beforeAll(async () => {
    graph = await synthesise({ stage: "dev", dev: true });
  }, 120_000);

  test("it is removed without a trace", () => {
    expect(graph.app).toMatchObject({ removal: "remove", protect: false });
    expect(graph.get("aws:dynamodb/table:Table").retainOnDelete).toBe(false);
    expect(graph.get("aws:s3/bucket:Bucket").inputs.forceDestroy).toBe(true);
    expect(graph.get("aws:cognito/userPool:UserPool").inputs.deletionProtection).toBe("INACTIVE");
  });

  test.each(["McpFunction", "MetadataFunction", "ReaperFunction"])(
    "%s is the bridge to the developer's machine",
    (name) => {
      expect(graph.get("aws:lambda/function:Function", name).inputs).toMatchObject({
        runtime: "provided.al2023",
        handler: "bootstrap",
      });
    },
  );

  test("the task is SST's bridge, and stops as the real one does", () => {
    const { containerDefinitions } = graph.get("aws:ecs/taskDefinition:TaskDefinition").inputs;
    expect(JSON.parse(String(containerDefinitions))).toMatchObject([
      { image: "ghcr.io/anomalyco/sst/bridge-task:latest", stopTimeout: 120 },
    ]);
  });

  test("the developer's account may take the functions' roles, as the bridge needs it", () => {
    const mcp = readRoles(graph).find(({ name }) => name === "McpRole");
    expect(mcp?.trusts).toEqual([
      "Service lambda.amazonaws.com",
      "AWS arn:aws:iam::123456789012:root",
    ]);
  });
});

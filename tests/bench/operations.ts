import { type LocalPath, startPath } from "../harness/local-path.ts";
import { type Consumption, ConsumptionCounter } from "./consumption.ts";
import { legacySteps } from "./legacy-session.ts";
import { callTool, endProcesses, settle } from "./path-call.ts";
import { dollarsPerMillion } from "./price.ts";
import { type PushedProject, pushSample } from "./pushed-project.ts";
import type { Row, Section, Verdict } from "./report.ts";
import type { OperationName } from "./row-names.ts";
import type { BuiltSubjects } from "./subjects.ts";

interface Operation {
  readonly name: OperationName;
  run(): Promise<unknown>;
}

/** What operations ask of DynamoDB, S3, Lambda and ECS, each done once. */
export async function measureOperations({ bundles }: BuiltSubjects): Promise<Section> {
  const counter = new ConsumptionCounter();
  const { onDynamoDb, onS3, onInvocation } = counter;
  const lambda = { report: onInvocation };
  // A worker that lingers reads until its minute is over, whatever the operation was.
  const template = { lingerMs: 0 };
  const local = await startPath({ bundles, template, emulator: { onDynamoDb, onS3, lambda } });
  try {
    const token = await local.token();
    const rows: Row[] = [];
    const measure = async <T>(name: OperationName, run: () => Promise<T>): Promise<T> => {
      const tasks = local.cloud.ecs.tasks().length;
      counter.take();
      const result = await run();
      await settle(local.cloud);
      rows.push(toRow(name, counter.take(), local.cloud.ecs.tasks().length - tasks));
      return result;
    };
    for (const { name, run } of quickOperations(local, token)) await measure(name, run);
    const pushed = await measure("push of new files", () => pushSample(local));
    await measure("push again, files unchanged", () => pushSample(local));
    for (const { name, run } of projectOperations(local, token, pushed)) await measure(name, run);
    return {
      title: `Consumption of one operation on a project of ${pushed.files} files`,
      rows,
      verdicts: rows.flatMap(toVerdict),
    };
  } finally {
    await local.close();
  }
}

function quickOperations(local: LocalPath, token: string): readonly Operation[] {
  return [
    { name: "token check (GET of nothing)", run: () => getNothing(local, token) },
    { name: "whoami, modern", run: () => callTool(local, token, "whoami") },
    ...legacySteps(local.mcpUrl, token),
  ];
}

type ReadingTool = "list_directory" | "read_file" | "search_files";

function projectOperations(
  local: LocalPath,
  token: string,
  { project, file }: PushedProject,
): readonly Operation[] {
  const coldAndWarm = (tool: ReadingTool, args: Record<string, unknown>): Operation[] => {
    const run = () => callTool(local, token, tool, args);
    const forgotten = async () => {
      await endProcesses(local.cloud);
      await run();
    };
    return [
      { name: `${tool}, new process`, run: forgotten },
      { name: `${tool}, again`, run },
    ];
  };
  let top = 0;
  const report = (largest: number) =>
    callTool(local, token, "workspace_report", { project, top: largest });
  return [
    ...coldAndWarm("list_directory", { project }),
    ...coldAndWarm("read_file", { project, path: file }),
    ...coldAndWarm("search_files", { project, pattern: "createRemoteJWKSet" }),
    {
      name: "workspace_report, on a worker",
      run: () => {
        top += 1;
        return report(top);
      },
    },
    { name: "workspace_report, the same again", run: () => report(top) },
  ];
}

async function getNothing({ mcpUrl }: LocalPath, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL("/api/nothing", mcpUrl), { headers });
  await response.arrayBuffer();
  if (response.status !== 404) throw new Error(`Nothing answered ${response.status}.`);
}

/** A session costs each of its requests one strongly consistent read of its item, initialize none. */
function toVerdict({ name, RRU }: Row): Verdict[] {
  if (!name.startsWith("legacy ")) return [];
  const atMost = name === "legacy initialize" ? 0 : 1;
  return [{ name: `RRU of ${name}`, value: Number(RRU), atMost }];
}

function toRow(name: string, consumption: Consumption, tasks: number): Row {
  const { rru, wru, dynamoRequests, s3Reads, s3Writes, mcpCalls } = consumption;
  return {
    name,
    RRU: rru,
    WRU: wru,
    "DynamoDB requests": dynamoRequests,
    "S3 GET": s3Reads,
    "S3 PUT/LIST": s3Writes,
    "mcp calls": mcpCalls,
    tasks,
    "$ per million": dollarsPerMillion(consumption),
  };
}

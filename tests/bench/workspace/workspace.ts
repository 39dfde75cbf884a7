import { WORKER_BUNDLE } from "../../../scripts/bundles.ts";
import { type LocalPath, startPath } from "../../harness/local-path.ts";
import { sharedBundles } from "../../harness/shared-bundles.ts";
import { type Consumption, ConsumptionCounter } from "../consumption.ts";
import type { Section, Verdict } from "../report.ts";
import { gitSide } from "./git-side.ts";
import { OBJECTS, objectSide } from "./object-side.ts";
import { REQUESTS_AT_ONCE } from "./object-sync.ts";
import { msOf, timeRatio, toName, toRows, worstOf } from "./row.ts";
import { type MeasuredStep, type Side, type Step, Stopwatch, type Task } from "./step.ts";
import { type BenchTree, makeTree } from "./tree.ts";
import { zenodeSteps } from "./zenode-side.ts";

/** Files of the trees that are measured. */
export const SIZES: readonly number[] = [100, 10_000, 100_000];
/** The tree that the targets of pushes and searches speak of. */
const JUDGED = 10_000;
/** Added to each S3 request. */
const LATENCY_MS = 20;

/** A workspace beside one S3 object per file and git, a section for each size of tree. */
export async function* measureWorkspace(sizes: readonly number[]): AsyncGenerator<Section> {
  const bundles = await sharedBundles({
    mcp: "tests/bench/workspace/entries/mcp.ts",
    [WORKER_BUNDLE]: "tests/bench/workspace/entries/main.ts",
  });
  for (const size of sizes) {
    const tree = await makeTree(size);
    try {
      yield await measureTree(tree, bundles);
    } finally {
      await tree.remove();
    }
  }
}

/** On a cloud of its own. */
async function measureTree(tree: BenchTree, bundles: string): Promise<Section> {
  const counter = new ConsumptionCounter();
  const { onDynamoDb, onS3, onInvocation } = counter;
  const local = await startPath({
    bundles,
    template: {
      // A worker that lingers reads until its minute is over, whatever the operation was.
      lingerMs: 0,
      adjust: (template) => ({
        ...template,
        buckets: [...template.buckets, { name: OBJECTS }],
      }),
    },
    emulator: { onDynamoDb, onS3, lambda: { report: onInvocation } },
  });
  try {
    local.cloud.faults.add({ service: "s3", action: { kind: "delay", ms: LATENCY_MS } });
    const measured = await measureSides(local, tree, counter);
    return toSection(tree, measured);
  } finally {
    await local.close();
  }
}

async function measureSides(
  local: LocalPath,
  tree: BenchTree,
  counter: ConsumptionCounter,
): Promise<readonly MeasuredStep[]> {
  const stopwatch = new Stopwatch(local, counter);
  const measured: MeasuredStep[] = [];
  const measure = async (side: Side, steps: readonly Step[]) => {
    for (const step of steps) {
      const done = await stopwatch.measure(side, step);
      measured.push(done);
      // The largest tree takes many minutes.
      process.stderr.write(`${tree.files} files: ${toName(done)}: ${Math.round(msOf(done))} ms\n`);
    }
  };
  await measure("zenode", zenodeSteps({ local, tree, token: await local.token() }));
  const objects = objectSide(local, tree);
  try {
    await measure("one object per file", objects.steps);
  } finally {
    await objects.end();
  }
  const git = await gitSide(tree);
  try {
    await measure("git", git?.steps ?? []);
  } finally {
    await git?.remove();
  }
  return measured;
}

function toSection(tree: BenchTree, measured: readonly MeasuredStep[]): Section {
  const { files, bytes, contents } = tree;
  const [total, mean] = [(bytes / 1e6).toFixed(1), (bytes / files / 1e3).toFixed(1)];
  return {
    title: `Workspace of ${files} files of real packages, ${total} MB (mean ${mean} KB, ${contents} different), ${LATENCY_MS} ms added to each S3 request`,
    rows: toRows(measured),
    notes: toNotes(measured),
    verdicts: toVerdicts(tree, measured),
  };
}

function toNotes(measured: readonly MeasuredStep[]): readonly string[] {
  const push = find(measured, "one object per file", "push of all files");
  const least = (worstOf(push, s3Requests) * LATENCY_MS) / REQUESTS_AT_ONCE;
  const hasGit = measured.some(({ side }) => side === "git");
  return [
    "zenode: pushes with the start of the command; tool calls from the client, a listing as much as one answer holds; a checkout by the worker's clock. DynamoDB has no latency added.",
    `one object per file: the SDK, ${REQUESTS_AT_ONCE} requests at once, its start not counted. Of its push, ${LATENCY_MS} ms a request are ${Math.round(least)} ms; the rest is this machine.`,
    hasGit
      ? "git: a process for each command, to a bare repository on local disk, so no network and no latency."
      : "git: not installed, not measured.",
  ];
}

function toVerdicts(tree: BenchTree, measured: readonly MeasuredStep[]): readonly Verdict[] {
  const read = find(measured, "zenode", "read a file", "warm");
  const edit = find(measured, "zenode", "edit");
  const always = [
    { name: "S3 requests of a warm read_file", value: worstOf(read, s3Requests), atMost: 0 },
    {
      name: "writes of an edit: S3 PUT and DynamoDB requests that write",
      value: worstOf(edit, ({ s3Writes, dynamoWrites }) => s3Writes + dynamoWrites),
      atMost: 4,
    },
  ];
  if (tree.files !== JUDGED) return always;
  const push = find(measured, "zenode", "push of all files");
  const search = find(measured, "zenode", "search", "in Lambda, warm");
  return [
    { name: "S3 requests of a push", value: worstOf(push, s3Requests), atMost: 20 },
    {
      name: "time of a push, zenode / one object per file",
      value: timeRatio(push, measured) ?? Number.NaN,
      atMost: 0.1,
    },
    { name: "S3 requests of a search", value: worstOf(search, s3Requests), atMost: 10 },
    { name: "warm search in Lambda, ms at the client", value: msOf(search), atMost: 1_000 },
    ...always,
  ];
}

function s3Requests({ s3Reads, s3Writes }: Consumption): number {
  return s3Reads + s3Writes;
}

function find(measured: readonly MeasuredStep[], side: Side, task: Task, how = ""): MeasuredStep {
  const found = measured.find(
    (step) => step.side === side && step.task === task && step.how === how,
  );
  if (!found) throw new Error(`${side} did not do "${task}".`);
  return found;
}

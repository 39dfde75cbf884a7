import { type LocalPath, startPath } from "../harness/local-path.ts";
import { LambdaCalls } from "./lambda-calls.ts";
import { type ModernCall, post, toModernCall } from "./modern-call.ts";
import { pushSample } from "./pushed-project.ts";
import type { Row, Section } from "./report.ts";
import { median, spreadOf } from "./samples.ts";
import { type BuiltSubjects, SUBJECTS, type Subject, withSubjects } from "./subjects.ts";

const WARM_TARGET = 2;
/** Calls of one subject before it is the next one's turn. */
const BLOCK = 20;
const WARM_UP = 60;
const AT_ONCE = 4;
const SECOND = 1000;

/** tools/call to a process that has served before: at Lambda alone, in turn, and over the whole path. */
export async function measureWarm(built: BuiltSubjects, blocks: number): Promise<Section> {
  const calls = new LambdaCalls();
  const local = await startPath({
    bundles: built.bundles,
    template: { adjust: withSubjects(built.bundles) },
    emulator: { lambda: { report: calls.report } },
  });
  try {
    const token = await local.token();
    const whoami = toModernCall("whoami", {}, { token });
    const atLambda = await measureAtLambda(calls, local, whoami, blocks);
    const { project, file } = await pushSample(local);
    const readFile = toModernCall("read_file", { project, path: file }, { token });
    const overPath = [
      ...(await measureOverPath(local, "whoami", whoami, blocks)),
      ...(await measureOverPath(local, "read_file", readFile, blocks)),
    ];
    return {
      title: "Warm tools/call, one at a time unless said otherwise",
      rows: [
        ...SUBJECTS.map((subject) => toRow(`${subject} at Lambda`, atLambda[subject])),
        ...overPath,
      ],
      verdicts: [
        {
          name: "warm p50 at Lambda, mcp / reference",
          value: median(atLambda.mcp) / median(atLambda.reference),
          atMost: WARM_TARGET,
        },
      ],
    };
  } finally {
    await local.close();
  }
}

async function measureAtLambda(
  calls: LambdaCalls,
  { cloud }: LocalPath,
  call: ModernCall,
  blocks: number,
): Promise<Record<Subject, number[]>> {
  const samples: Record<Subject, number[]> = { mcp: [], reference: [], empty: [] };
  const invoke = async (subject: Subject) => (await calls.invoke(cloud, subject, call)).totalMs;
  for (const subject of SUBJECTS)
    for (let count = 0; count < WARM_UP; count += 1) await invoke(subject);
  for (let block = 0; block < blocks; block += 1)
    for (const subject of SUBJECTS)
      for (let count = 0; count < BLOCK; count += 1) samples[subject].push(await invoke(subject));
  return samples;
}

async function measureOverPath(
  { mcpUrl }: LocalPath,
  name: string,
  call: ModernCall,
  blocks: number,
): Promise<readonly Row[]> {
  const samples: number[] = [];
  const timed = async () => {
    const started = performance.now();
    await post(mcpUrl, call);
    samples.push(performance.now() - started);
  };
  const many = async (count: number) => {
    for (let done = 0; done < count; done += 1) await timed();
  };
  const together = () => Promise.all(Array.from({ length: AT_ONCE }, () => many(BLOCK)));
  await many(WARM_UP);
  samples.length = 0;
  await many(blocks * BLOCK);
  const alone = toRow(`${name} over the path`, [...samples]);
  await together();
  samples.length = 0;
  const started = performance.now();
  for (let block = 0; block < blocks; block += AT_ONCE) await together();
  const seconds = (performance.now() - started) / SECOND;
  const row = toRow(`${name} over the path, ${AT_ONCE} at once`, samples);
  return [alone, { ...row, "calls/s": samples.length / seconds }];
}

function toRow(name: string, samples: readonly number[]): Row {
  const { n, min, p50, p99 } = spreadOf(samples);
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / n;
  return { name, n, "p50 ms": p50, "min ms": min, "p99 ms": p99, "calls/s": SECOND / mean };
}

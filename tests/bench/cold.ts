import type { Cloud } from "@zenode/emulator";
import { sizeOf } from "../bundle/bundle-contents.ts";
import { startPath } from "../harness/local-path.ts";
import { LambdaCalls } from "./lambda-calls.ts";
import { readLoads } from "./loaded-code.ts";
import { mainThreadMs } from "./main-thread.ts";
import { type ModernCall, toModernCall } from "./modern-call.ts";
import type { Row, Section, Verdict } from "./report.ts";
import { median, spreadOf } from "./samples.ts";
import {
  type BuiltSubjects,
  SUBJECTS,
  type Subject,
  tracedName,
  traceFile,
  withSubjects,
} from "./subjects.ts";

const COLD_TARGET = 1.4;
const RSS_TARGET_MB = 40;
const KB = 1000;

interface ColdSample {
  readonly initMs: number;
  readonly firstByteMs: number;
  /** Of the process's main thread; NaN where the system does not tell. */
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** Cold starts of ours, of the reference and of an empty function in turn, each in a new process. */
export async function measureCold(built: BuiltSubjects, rounds: number): Promise<Section> {
  const { bundles } = built;
  const calls = new LambdaCalls();
  const local = await startPath({
    bundles,
    template: { adjust: withSubjects(bundles) },
    emulator: { lambda: { report: calls.report } },
  });
  try {
    const call = toModernCall("whoami", {}, { token: await local.token() });
    const measure = (name: string) => startCold(calls, local.cloud, name, call);
    // Once for the file cache, which a function that is in use has warm on AWS too.
    for (const subject of SUBJECTS) await measure(tracedName(subject));
    const samples: Record<Subject, ColdSample[]> = { mcp: [], reference: [], empty: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const subject of SUBJECTS) samples[subject].push(await measure(subject));
    return await toSection(built, samples);
  } finally {
    await local.close();
  }
}

async function startCold(
  calls: LambdaCalls,
  cloud: Cloud,
  name: string,
  call: ModernCall,
): Promise<ColdSample> {
  const { firstByteMs, report } = await calls.invoke(cloud, name, call);
  const cpuMs = mainThreadMs(report.pid) ?? Number.NaN;
  cloud.lambda.kill(report.pid);
  if (report.initMs === undefined) throw new Error(`${name} did not start anew.`);
  return { initMs: report.initMs, firstByteMs, cpuMs, peakMb: report.maxMemoryMb };
}

type Samples = Readonly<Record<Subject, readonly ColdSample[]>>;

async function toSection(built: BuiltSubjects, samples: Samples): Promise<Section> {
  const rows: Row[] = [];
  for (const subject of SUBJECTS) rows.push(await toRow(built, subject, samples[subject]));
  return {
    title: "Cold start: new process to the first byte of a whoami call, straight at Lambda",
    rows,
    verdicts: toVerdicts(samples),
  };
}

function toVerdicts(samples: Samples): readonly Verdict[] {
  const of = (subject: Subject, field: keyof ColdSample) =>
    median(samples[subject].map((sample) => sample[field]));
  const ratio = (field: keyof ColdSample) => of("mcp", field) / of("reference", field);
  return [
    { name: "cold p50, mcp / reference", value: ratio("firstByteMs"), atMost: COLD_TARGET },
    ...(Number.isNaN(ratio("cpuMs"))
      ? []
      : [{ name: "cold CPU p50, mcp / reference", value: ratio("cpuMs"), atMost: COLD_TARGET }]),
    {
      name: "peak MB p50, mcp - reference",
      value: of("mcp", "peakMb") - of("reference", "peakMb"),
      atMost: RSS_TARGET_MB,
    },
  ];
}

async function toRow(
  { bundles, metafiles }: BuiltSubjects,
  subject: Subject,
  samples: readonly ColdSample[],
): Promise<Row> {
  const metafile = metafiles[subject];
  const total = spreadOf(samples.map(({ firstByteMs }) => firstByteMs));
  const loaded = await readLoads(traceFile(bundles, subject), metafile);
  const { bytes, bytesWithoutAwsSdk } = sizeOf(metafile);
  return {
    name: subject,
    n: total.n,
    "p50 ms": total.p50,
    "min ms": total.min,
    "p99 ms": total.p99,
    "init ms": median(samples.map(({ initMs }) => initMs)),
    "after init ms": median(samples.map(({ initMs, firstByteMs }) => firstByteMs - initMs)),
    "CPU ms": median(samples.map(({ cpuMs }) => cpuMs)),
    "peak MB": median(samples.map(({ peakMb }) => peakMb)),
    "bundle KB": bytes / KB,
    "without AWS KB": bytesWithoutAwsSdk / KB,
    "loaded KB": loaded.bytes / KB,
    files: loaded.files,
    modules: loaded.modules,
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { bundleProgram, type Project, readApp } from "./bundle.ts";
import { type SynthApp, SynthGraph, type SynthOutput } from "./graph.ts";

export interface SynthOptions {
  readonly stage: string;
  /** As `sst dev` would see it. */
  readonly dev?: boolean;
}

const root = path.resolve(import.meta.dirname, "../../..");
const DEFAULT_REGION = "us-east-1";

let count = 0;

/**
 * Runs the real `sst.config.ts` against SST's real components with Pulumi mocks, offline: no engine,
 * no AWS, no Docker. The config is bundled as the SST CLI does it (pkg/project/run.go, pkg/js/js.go)
 * and run in a child process; when that one's event loop has drained, every apply() has settled and
 * the graph is complete. AWS's own validation is not part of it.
 */
export async function synthesise({ stage, dev = false }: SynthOptions): Promise<SynthGraph> {
  count += 1;
  const id = `${stage}-${dev ? "dev-" : ""}${process.pid}-${count}`;
  const project: Project = {
    root,
    platform: path.join(root, ".sst/platform"),
    work: path.join(root, ".sst/synth", id),
    id,
  };
  await mkdir(project.work, { recursive: true });
  try {
    const app = await readApp(project, stage);
    const program = await bundleProgram(project, { app, dev });
    try {
      return new SynthGraph(app, await runProgram(program, project, app));
    } finally {
      await Promise.all([program, `${program}.map`].map((file) => rm(file, { force: true })));
    }
  } finally {
    await rm(project.work, { recursive: true, force: true });
  }
}

async function runProgram(program: string, project: Project, app: SynthApp): Promise<SynthOutput> {
  const output = path.join(project.work, "graph.json");
  const region = app.providers.aws?.region ?? DEFAULT_REGION;
  const child = spawn(process.execPath, ["--enable-source-maps", "--no-warnings", program], {
    cwd: project.root,
    env: {
      PATH: process.env.PATH,
      HOME: project.work,
      SYNTH_OUTPUT: output,
      SYNTH_APP: JSON.stringify(app),
      SYNTH_REGION: region,
      SYNTH_ROOT: project.root,
      SST_AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`synth of stage "${app.stage}" ended with ${code}\n${said}`);
  return JSON.parse(await readFile(output, "utf8")) as SynthOutput;
}

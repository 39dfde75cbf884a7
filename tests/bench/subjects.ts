import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { CloudTemplate } from "@zenode/emulator";
import type { Metafile } from "esbuild";
import { bundle, ENTRIES } from "../../scripts/bundles.ts";

/** What is measured side by side: ours, the SDK alone, and what the runtime itself costs. */
export const SUBJECTS = ["mcp", "reference", "empty"] as const;
export type Subject = (typeof SUBJECTS)[number];

const SOURCES: Readonly<Record<Exclude<Subject, "mcp">, string>> = {
  reference: "tests/bench/reference/mcp.ts",
  empty: "tests/bench/reference/empty.ts",
};

export interface BuiltSubjects {
  /** Folder with the deployable bundles and those of the other subjects. */
  readonly bundles: string;
  readonly metafiles: Readonly<Record<Subject, Metafile>>;
}

export async function buildSubjects(): Promise<BuiltSubjects> {
  const bundles = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-"));
  const others = Object.entries(SOURCES).map(([name, source]) => ({ name, source }));
  const { results } = await bundle([...ENTRIES, ...others], bundles);
  const metafileOf = (subject: Subject): Metafile => {
    const metafile = results.get(subject)?.metafile;
    if (!metafile) throw new Error(`There is no metafile of ${subject}.`);
    return metafile;
  };
  return {
    bundles,
    metafiles: {
      mcp: metafileOf("mcp"),
      reference: metafileOf("reference"),
      empty: metafileOf("empty"),
    },
  };
}

/** Name of a subject's function whose process writes down what it loads. */
export function tracedName(subject: Subject): string {
  return `${subject}-traced`;
}

export function traceFile(bundles: string, subject: Subject): string {
  return path.join(bundles, `${subject}.loads`);
}

/** Adds the other subjects beside the mcp function, with its memory and environment, and a traced twin of each. */
export function withSubjects(bundles: string): (template: CloudTemplate) => CloudTemplate {
  const preload = new URL("./trace-loads.ts", import.meta.url).href;
  return (template) => {
    const mcp = template.functions.find(({ name }) => name === "mcp");
    if (!mcp) throw new Error("The template has no mcp function.");
    const plain = SUBJECTS.map((name) => ({
      ...mcp,
      name,
      codeDir: path.join(bundles, name),
      handler: name === "empty" ? "empty.handler" : "mcp.handler",
    }));
    const traced = plain.map((definition) => ({
      ...definition,
      name: tracedName(definition.name),
      environment: {
        ...definition.environment,
        NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${preload}`,
        BENCH_LOADS: traceFile(bundles, definition.name),
      },
    }));
    const rest = template.functions.filter(({ name }) => name !== "mcp");
    return { ...template, functions: [...rest, ...plain, ...traced] };
  };
}

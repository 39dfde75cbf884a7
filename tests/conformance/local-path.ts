import type { CloudTemplate } from "@zenode/emulator";
import { WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { type LocalPath, type PathOptions, startPath } from "../harness/local-path.ts";
import { sharedBundles } from "../harness/shared-bundles.ts";

/** How many processes of the mcp Lambda take turns: four at least, while as many are held by streams the suite has left. */
const PROCESSES = 8;

/** How many wait initialized where each serves one request: the suite gives a stream's first frame less time than a start takes. */
const SPARE_PROCESSES = 32;

/** What the path is made to bear besides having no affinity. */
export interface Hardship {
  /** Milliseconds between two reads of an event log: answers, progress and cancellations come late. */
  readonly pollMs?: number | undefined;
  /** The mcp Lambda's process is killed after each invocation: whatever it kept in memory is gone. */
  readonly kill?: boolean;
  /** See the worker's `PaidTime`. */
  readonly lingerMs?: number;
}

/** The whole local path with the conformance pack: every request lands in another process. */
export async function startConformancePath(
  { pollMs, kill = false, lingerMs }: Hardship = {},
  emulator: PathOptions["emulator"] = {},
): Promise<LocalPath> {
  const killer = kill ? lateKiller() : undefined;
  const local = await startPath({
    bundles: await sharedBundles({
      mcp: "tests/conformance/entries/mcp.ts",
      [WORKER_BUNDLE]: "tests/conformance/entries/main.ts",
    }),
    template: {
      adjust: toTemplate({ pollMs, kill }),
      ...(lingerMs !== undefined && { lingerMs }),
    },
    emulator: {
      ...emulator,
      lambda: {
        // A killed process takes no second request: all that is left to rotation is to start none while one waits.
        rotation: { kind: "strict", minProcesses: kill ? 1 : PROCESSES },
        ...(killer && { report: killer.report }),
      },
    },
  });
  killer?.arm(local);
  return local;
}

type Report = NonNullable<NonNullable<NonNullable<PathOptions["emulator"]>["lambda"]>["report"]>;

/** Kills once the cloud that is to be told is there; nothing is invoked before. */
function lateKiller(): { readonly report: Report; arm(local: LocalPath): void } {
  let path: LocalPath | undefined;
  return {
    report: ({ function: name, pid }) => {
      if (name === "mcp") path?.cloud.lambda.kill(pid);
    },
    arm: (local) => {
      path = local;
    },
  };
}

function toTemplate({ pollMs, kill }: Hardship): (template: CloudTemplate) => CloudTemplate {
  const pace = pollMs === undefined ? {} : { ZENODE_LOG_POLL_MS: String(pollMs) };
  return (template) => ({
    ...template,
    functions: template.functions.map((one) =>
      one.name === "mcp"
        ? {
            ...one,
            environment: { ...one.environment, ...pace },
            ...(kill && { provisionedConcurrency: SPARE_PROCESSES }),
          }
        : one,
    ),
  });
}

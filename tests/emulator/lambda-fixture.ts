import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import type { LogLine } from "../../packages/emulator/src/lambda/execution-environment.ts";
import type { InvocationReport } from "../../packages/emulator/src/lambda/function-pool.ts";
import {
  type Lambda,
  type LambdaOptions,
  startLambda,
} from "../../packages/emulator/src/lambda/start-lambda.ts";
import type { FunctionTemplate } from "../../packages/emulator/src/template.ts";

export const FUNCTIONS_DIR = fileURLToPath(new URL("./fixtures/lambda", import.meta.url));
export const PLACE = { account: "000000000000", region: "eu-central-1" };

/** A function whose name is its handler with dashes. */
export function functionOf(
  handler: string,
  overrides: Partial<FunctionTemplate> = {},
): FunctionTemplate {
  return {
    name: handler.replace(".", "-"),
    codeDir: FUNCTIONS_DIR,
    handler,
    memoryMb: 256,
    timeoutSeconds: 10,
    environment: {},
    ...overrides,
  };
}

export interface LambdaFixture extends AsyncDisposable {
  readonly lambda: Lambda;
  readonly faults: FaultPlan;
  readonly dir: string;
  readonly lines: LogLine[];
  readonly reports: InvocationReport[];
  /** Resolves when a log line of this text has come. */
  logged(text: string): Promise<void>;
}

/** A Lambda in a folder of its own, both gone at the end of the test's scope. */
export async function lambdaWith(
  functions: readonly FunctionTemplate[],
  options: Partial<LambdaOptions> = {},
): Promise<LambdaFixture> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "emulator-lambda-"));
  const faults = new FaultPlan();
  const lines: LogLine[] = [];
  const reports: InvocationReport[] = [];
  const waiting = new Map<string, () => void>();
  const lambda = await startLambda({
    dir,
    functions,
    place: PLACE,
    clock: new EmulatorClock(),
    faults,
    log: (line) => {
      lines.push(line);
      waiting.get(line.text)?.();
    },
    report: (report) => reports.push(report),
    ...options,
  });
  return {
    lambda,
    faults,
    dir,
    lines,
    reports,
    logged: (text) =>
      new Promise((resolve) => {
        waiting.set(text, resolve);
        if (lines.some((line) => line.text === text)) resolve();
      }),
    [Symbol.asyncDispose]: async () => {
      await lambda.close();
      if (options.dir === undefined) rmSync(dir, { recursive: true });
    },
  };
}

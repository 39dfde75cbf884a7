import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { processStart } from "../../packages/emulator/src/processes/process-identity.ts";
import { ecsWith } from "./ecs-fixture.ts";
import { lambdaWith } from "./lambda-fixture.ts";

/** For what other processes do on a busy machine. */
const PATIENCE = { timeout: 20_000 };

const EMULATOR = fileURLToPath(new URL("./fixtures/orphaning-emulator.ts", import.meta.url));

interface Started {
  readonly emulator: ChildProcess;
  /** Function processes, the task's main process and its child. */
  readonly pids: readonly number[];
}

async function startEmulator(dir: string): Promise<Started> {
  const emulator = spawn(process.execPath, [EMULATOR, dir], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: emulator.stdout }), "line");
  const { functions, task, child } = JSON.parse(line);
  return { emulator, pids: [...functions, task, child] };
}

async function killEmulator({ emulator }: Started): Promise<void> {
  const exited = once(emulator, "exit");
  emulator.kill("SIGKILL");
  await exited;
}

/** The shells the emulator keeps to clean up after it. */
function guardsOf({ emulator }: Started): number[] {
  const children = readFileSync(`/proc/${emulator.pid}/task/${emulator.pid}/children`, "utf8");
  const pids = children.trim().split(" ").map(Number);
  return pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("/bin/sh"));
}

const alive = (pids: readonly number[]) => pids.filter((pid) => processStart(pid) !== undefined);

test("an emulator killed with SIGKILL leaves no process, frozen or not", async () => {
  const dir = mkdtempSync(join(tmpdir(), "emulator-orphans-"));
  const started = await startEmulator(dir);
  expect(started.pids).toHaveLength(4);
  expect(alive(started.pids)).toEqual(started.pids);
  await killEmulator(started);
  await expect.poll(() => alive(started.pids), PATIENCE).toEqual([]);
  rmSync(dir, { recursive: true });
});

test("what is left when its guards died too is killed at the next start", async () => {
  const dir = mkdtempSync(join(tmpdir(), "emulator-orphans-"));
  const started = await startEmulator(dir);
  const guards = guardsOf(started);
  expect(guards).toHaveLength(2);
  for (const guard of guards) process.kill(guard, "SIGKILL");
  await killEmulator(started);
  // The frozen function and the task know nothing of it.
  expect(alive(started.pids).length).toBeGreaterThanOrEqual(3);
  {
    await using lambda = await lambdaWith([], { dir });
    await using ecs = await ecsWith({ dir });
    await expect.poll(() => alive(started.pids), PATIENCE).toEqual([]);
    expect(lambda.lambda.processes()).toEqual([]);
    expect(ecs.events.map(({ detail }) => detail.lastStatus)).toEqual(["STOPPED"]);
  }
  rmSync(dir, { recursive: true });
});

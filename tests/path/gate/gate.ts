import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { MINUTE, type ToolContext } from "@zenode/core";
import * as z from "zod";

export const RUNS = "runs";
export const RESUMED = "resumed";
export const STARTED = "started";
const OPEN = "open";
const HEIGHT = "height";

const POLL_MS = 20;

/** What every tool with a gate is: it takes the gate's folder and runs on a worker. */
export const GATED = {
  input: z.object({ folder: z.string(), label: z.string() }),
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 5 * MINUTE },
} as const;

/** Resolves when the gate is open; `look` is called whenever it is not. Rejects with the signal's reason. */
export async function passGate(
  folder: string,
  { clock, signal }: Pick<ToolContext, "clock" | "signal">,
  look: () => void = () => undefined,
): Promise<void> {
  while (!existsSync(path.join(folder, OPEN))) {
    signal.throwIfAborted();
    look();
    await clock.sleep(POLL_MS, signal);
  }
}

/** How far the tool `stairs` may go. */
export function heightOf(folder: string): number {
  const file = path.join(folder, HEIGHT);
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
}

/** What holds the tool `gate` back: a folder that the test and the worker both see. */
export interface Gate {
  /** Arguments of the tool. */
  readonly args: { readonly folder: string; readonly label: string };
  /** What the tool answers once the gate is open. */
  readonly result: string;
  /** Process ids of the workers that ran the tool, in order. */
  runs(): number[];
  /** Of the tools that can be resumed: the checkpoint each run began with, in order, and those it made first. */
  resumed(): number[];
  started(): number[];
  /** Lets the tool `stairs` go so far. */
  raise(height: number): Promise<void>;
  open(): Promise<void>;
  remove(): Promise<void>;
}

export async function newGate(label = "gate"): Promise<Gate> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-gate-"));
  const numbers = (name: string) => {
    const file = path.join(folder, name);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
  };
  return {
    args: { folder, label },
    result: `passed ${label}`,
    runs: () => numbers(RUNS),
    resumed: () => numbers(RESUMED),
    started: () => numbers(STARTED),
    // Renamed into place: a reader never sees half a number.
    raise: async (height) => {
      const next = path.join(folder, `${HEIGHT}-next`);
      await writeFile(next, String(height));
      await rename(next, path.join(folder, HEIGHT));
    },
    open: () => writeFile(path.join(folder, OPEN), ""),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

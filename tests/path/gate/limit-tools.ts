import { existsSync } from "node:fs";
import path from "node:path";
import {
  type AnyTool,
  defineTool,
  MIB,
  MINUTE,
  SECOND,
  type ToolContext,
  type ToolLimits,
  type ToolRun,
  text,
} from "@zenode/core";
import * as z from "zod";

const DUMP = z.object({ bytes: z.int(), numbered: z.boolean().default(true) });

/** Numbered lines of 16 bytes. */
export function linesOf(bytes: number): string {
  return Array.from({ length: bytes / 16 }, (_, n) => `${String(n).padStart(15, "0")}\n`).join("");
}

function dumpTool(name: string, kind: "lambda" | "fargate"): AnyTool {
  return defineTool({
    name,
    title: name,
    description: "Gives numbered lines.",
    input: DUMP,
    annotations: { readOnlyHint: true },
    scope: "read",
    placement: { kind },
    limits: { timeoutMs: MINUTE },
    load: () =>
      Promise.resolve(async ({ bytes, numbered }: z.infer<typeof DUMP>) =>
        text(numbered ? linesOf(bytes) : "x".repeat(bytes)),
      ),
  });
}

/** What a tool may leave behind: children, one without a parent, one in a session of its own, one without an environment. */
const TREE = `
echo $$ >> pids
sleep 600 & echo $! >> pids
setsid sleep 600 & echo $! >> pids
(setsid sh -c 'echo $$ >> pids; exec sleep 600' &)
env -i sleep 600 & echo $! >> pids
trap '' TERM
while [ "$(wc -l < pids)" -lt 5 ]; do sleep 0.01; done
touch grown
wait
`;

/** The file in which the processes of a tree stand, and the one that says that all do. */
export const PIDS = "pids";
const GROWN = "grown";

export function isGrown(folder: string): boolean {
  return existsSync(path.join(folder, GROWN));
}

const FOLDER = z.object({ folder: z.string() });

const grow: ToolRun<z.infer<typeof FOLDER>> = async ({ folder }, { computer }) => {
  if (!computer) throw new Error("A tree needs a computer.");
  const environment = { PATH: "/usr/bin:/bin" };
  const command = { file: "/bin/sh", args: ["-c", TREE], folder, environment };
  const { code } = await computer.start(command).ended;
  return text(`the tree ended with ${code}`);
};

/** Takes memory until it is stopped. */
const eat = async (_: unknown, { clock, signal }: ToolContext) => {
  const held: Uint8Array[] = [];
  while (!signal.aborted) {
    held.push(new Uint8Array(20 * MIB).fill(held.length));
    await clock.sleep(5, signal);
  }
  return text(`held ${held.length}`);
};

function workerTool(
  name: string,
  run: ToolRun<z.infer<typeof FOLDER>>,
  limits: ToolLimits,
): AnyTool {
  return defineTool({
    name,
    title: name,
    description: "Does not end by itself.",
    input: FOLDER,
    annotations: { readOnlyHint: true },
    scope: "read",
    placement: { kind: "fargate" },
    limits,
    load: () => Promise.resolve(run),
  });
}

/** Tools that reach the limits there are. */
export const limitTools: readonly AnyTool[] = [
  dumpTool("dump_on_worker", "fargate"),
  dumpTool("dump_here", "lambda"),
  workerTool("grow_tree", grow, { timeoutMs: 5 * MINUTE, memoryMb: 3_000, diskGb: 50 }),
  workerTool("grow_tree_briefly", grow, { timeoutMs: 2 * SECOND }),
  workerTool("eat_memory", eat, { timeoutMs: MINUTE, cpu: 256, memoryMb: 512 }),
];

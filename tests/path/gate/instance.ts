import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "../../harness/eventually.ts";
import { type KnownProcess, processTree, stillRunning } from "../../harness/process-tree.ts";
import { gatedBundles } from "./gated-path.ts";

const ENTRY = path.join(import.meta.dirname, "entries/instance.ts");
const READY = /^zenode ready (.+)$/;

/** The whole local path in a process of its own, so that it can die. */
export interface GatedInstance {
  readonly mcpUrl: string;
  /** It and everything below it. */
  processes(): KnownProcess[];
  /** SIGKILL to the instance's own process; what it started has to be ended by somebody else. */
  killAlone(): Promise<void>;
  /** SIGKILL to every process, those that look after the others included. */
  killAll(): Promise<void>;
}

export async function startGatedInstance(state: string): Promise<GatedInstance> {
  const child = spawn(process.execPath, [ENTRY, state, await gatedBundles()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = child.pid ?? 0;
  const mcpUrl = await readyUrl(child);
  const kill = async (doomed: readonly KnownProcess[], watched: readonly KnownProcess[]) => {
    const exited = (child.exitCode ?? child.signalCode) ? undefined : once(child, "exit");
    for (const one of stillRunning(doomed)) process.kill(one.pid, "SIGKILL");
    await exited;
    await eventually("all processes to end", () => stillRunning(watched).length === 0);
  };
  return {
    mcpUrl,
    processes: () => processTree(pid),
    killAlone() {
      const tree = processTree(pid);
      return kill(
        tree.filter((one) => one.pid === pid),
        tree,
      );
    },
    killAll() {
      const tree = processTree(pid);
      return kill(tree, tree);
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The instance has no standard output.");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once("exit", (code) => reject(new Error(`The instance ended with ${code}.`)));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const url = READY.exec(line)?.[1];
    if (url !== undefined) resolve(url);
  });
  return promise;
}

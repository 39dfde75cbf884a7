import { chmod, mkdtemp } from "node:fs/promises";
import path from "node:path";
import type { Checkout, DisposableComputer, Projects } from "@zenode/core";
import { CallProcesses } from "./call-processes.ts";
import { checkoutSnapshot } from "./checkout.ts";
import { NodeImporter } from "./import/node-importer.ts";
import { findRipgrep } from "./ripgrep.ts";
import { NodeSandbox, type SandboxOptions } from "./sandbox/open-sandbox.ts";
import { makePlace } from "./sandbox/place.ts";
import { removeTree } from "./sandbox/remove-tree.ts";

export interface JobComputerOptions extends Omit<SandboxOptions, "place"> {
  /** The job's folder is made in it. */
  readonly workDir: string;
  readonly projects: Projects;
  readonly signal: AbortSignal;
  /** Whether repositories may be imported by http from 127.0.0.1: for tests and local use. */
  readonly loopbackImports?: boolean;
}

/** A folder of its own for one job; each project is brought to it once. */
export async function openJobComputer(options: JobComputerOptions): Promise<DisposableComputer> {
  const { workDir, projects, signal } = options;
  const root = await mkdtemp(path.join(workDir, "zenode-job-"));
  // Commands that run as another user pass through it to their own folders, and see no names.
  await chmod(root, 0o711);
  const place = await makePlace(root);
  const sandbox = new NodeSandbox({ ...options, place });
  const checkouts = new Map<string, Promise<Checkout>>();
  const bring = async (project: string): Promise<Checkout> => {
    const snapshot = await projects.open(project);
    const folder = path.join(place.projects, snapshot.project);
    await checkoutSnapshot(snapshot, folder, { signal });
    await sandbox.take(snapshot.project, folder, snapshot);
    return { folder, snapshot: snapshot.number };
  };
  const processes = new CallProcesses();
  const loopback = options.loopbackImports ?? false;
  const importer = new NodeImporter({ ...options, folder: path.join(root, "import"), loopback });
  return {
    ripgrep: await findRipgrep(),
    sandbox,
    importer,
    start: (command) => processes.start(command),
    checkout(project) {
      const under = checkouts.get(project) ?? bring(project);
      checkouts.set(project, under);
      return under;
    },
    async dispose() {
      // What still runs may still write.
      await sandbox.close();
      await importer.close();
      await processes.end();
      await removeTree(root);
    },
  };
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type {
  Clock,
  Isolation,
  Sandbox,
  SandboxEnd,
  SandboxedCommand,
  SandboxedProcess,
  SandboxLimits,
  Snapshot,
} from "@zenode/core";
import { CallProcesses } from "../call-processes.ts";
import { findChanges } from "./find-changes.ts";
import { type FoundIsolation, findIsolation } from "./find-isolation.ts";
import { toIsolatedCommand } from "./isolated-command.ts";
import { watchLimits } from "./limit-watch.ts";
import { checkFolder, type KnownFolder, knowFolder, type SandboxPlace } from "./place.ts";
import { countThreads } from "./user-threads.ts";

const run = promisify(execFile);

export interface SandboxOptions {
  readonly place: SandboxPlace;
  readonly limits: SandboxLimits;
  readonly clock: Clock;
  /** Who commands run as where the worker may change users. */
  readonly user: number;
  /** How commands may be kept apart, the best way first: the first one that this machine has is taken. */
  readonly ways: readonly Isolation[];
  /** Nothing but the worker and its commands uses this machine: the user's processes and the disk are theirs. */
  readonly alone: boolean;
}

/** A checkout as it was brought: what commands change is found by it. */
export interface SandboxedCheckout {
  /** Absent: a folder that is no project's. */
  readonly snapshot?: Snapshot;
  readonly folder: KnownFolder;
}

/** Runs foreign commands of one job, one after the other. */
export class NodeSandbox implements Sandbox {
  readonly limits: SandboxLimits;
  readonly #options: SandboxOptions;
  readonly #checkouts = new Map<string, SandboxedCheckout>();
  #found: Promise<FoundIsolation> | undefined;
  #running: CallProcesses | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  async isolation(): Promise<Isolation> {
    return (await this.#find()).isolation;
  }

  /** From now on commands may run in this checkout, which nobody else changes. */
  async take(project: string, folder: string, snapshot?: Snapshot): Promise<void> {
    const known = await knowFolder(folder);
    this.#checkouts.set(project, { ...(snapshot && { snapshot }), folder: known });
  }

  async run(command: SandboxedCommand): Promise<SandboxedProcess> {
    if (this.#running) throw new Error("A command runs already.");
    const { folder } = this.#checkout(command.project);
    const { place, limits, alone } = this.#options;
    const { isolation, user } = await this.#find();
    await checkFolder(folder);
    if (user !== undefined) await giveTo(user, [folder.path, place.home, place.temporary]);
    const order = { place, limits, others: await this.#others(), command };
    const isolated = toIsolatedCommand(isolation, {
      ...order,
      ...(user !== undefined && { user }),
    });
    // Elsewhere another worker's commands could run as the same user.
    const processes = new CallProcesses(alone || isolation === "user" ? user : undefined);
    const process = processes.start(isolated);
    const ended = this.#toEnd(processes, process);
    this.#running = processes;
    return {
      stdout: process.stdout,
      stderr: process.stderr,
      ended,
      kill: () => void processes.end().catch(() => undefined),
    };
  }

  async changes(project: string) {
    const { snapshot, folder } = this.#checkout(project);
    await this.close();
    await checkFolder(folder);
    if (!snapshot) throw new Error(`${project} is no checkout.`);
    return findChanges(folder.path, snapshot);
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await this.#running?.end();
    this.#running = undefined;
  }

  async #toEnd(
    processes: CallProcesses,
    { exited, ended }: ReturnType<CallProcesses["start"]>,
  ): Promise<SandboxEnd> {
    const { place, limits, clock, alone: ownsDisk } = this.#options;
    const over = new AbortController();
    const watching = watchLimits({ processes, place, limits, clock, ownsDisk }, over.signal);
    try {
      const exceeded = await Promise.race([watching, exited.then(() => undefined)]);
      // What it left behind holds its output, and would change files while they are looked at.
      await processes.end();
      return { ...(await ended), ...(exceeded && { exceeded }) };
    } finally {
      this.#running = undefined;
      over.abort();
      await watching.catch(() => undefined);
    }
  }

  #checkout(project: string): SandboxedCheckout {
    const checkout = this.#checkouts.get(project);
    if (checkout) return checkout;
    throw new Error(`${project} was not checked out.`);
  }

  #find(): Promise<FoundIsolation> {
    const { place, limits, user, ways } = this.#options;
    this.#found ??= this.#others().then((others) =>
      findIsolation({ order: { place, limits, others }, user, ways }),
    );
    return this.#found;
  }

  /** The kernel counts all of a user's threads: those of the worker's own user are not the command's. */
  async #others(): Promise<number> {
    return countThreads(process.getuid?.() ?? 0);
  }
}

/** Made by the worker, nothing in it is a link that leads anywhere; links themselves are given, too. */
async function giveTo(user: number, folders: readonly string[]): Promise<void> {
  await run("/bin/chown", ["--recursive", "--no-dereference", `${user}:${user}`, "--", ...folders]);
}

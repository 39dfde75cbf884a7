import type { FileChange } from "../workspace/change/file-change.ts";
import type { Snapshot } from "../workspace/projects.ts";
import type { CallProcess, ProcessEnd } from "./command.ts";

/**
 * What keeps a foreign command from the rest of its machine. `namespaces`: it sees its folder and a
 * read-only system, has no network and no other processes. `user`: it is another user than the worker.
 * `none`: it may do what the worker's user may.
 */
export type Isolation = "namespaces" | "user" | "none";

/** What a command used too much of, whereupon it was ended. */
export type Excess = "memory" | "processes" | "disk";

/** Bounds of one command with all that it starts. */
export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly processes: number;
  /** Of the project's folder with what is beside it for the command: home and temporary files. */
  readonly diskBytes: number;
}

/** A foreign program, run in a project's checkout. */
export interface SandboxedCommand {
  readonly project: string;
  /** A directory of the project, "" for its root. */
  readonly folder: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Beside a path, a home and a folder for temporary files: all it finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface SandboxEnd extends ProcessEnd {
  readonly exceeded?: Excess;
}

/** Its output ends with it: when the program has ended, all that it started is killed. */
export interface SandboxedProcess extends Pick<CallProcess, "stdout" | "stderr"> {
  /** Settles when nothing of it runs any more. Rejects when it could not be started. */
  readonly ended: Promise<SandboxEnd>;
  /** Ends it with all that it started. */
  kill(): void;
}

/** How a checkout differs from the snapshot it was brought from. */
export interface FolderChanges {
  readonly base: Snapshot;
  /** As a commit takes them; contents are read when they are stored. */
  readonly changes: readonly FileChange[];
  /** Paths, sorted. */
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly deleted: readonly string[];
  /** What can't be a project's, and why: in the snapshot it stays as it was. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

/** Runs foreign programs on a worker's machine. */
export interface Sandbox {
  readonly limits: SandboxLimits;
  /** What this machine can do. */
  isolation(): Promise<Isolation>;
  /** The project must have been checked out. @throws Error when another command still runs. */
  run(command: SandboxedCommand): Promise<SandboxedProcess>;
  /**
   * What is different in a project's checkout by now; links are not followed, what ignore files name and was not in
   * the snapshot is passed over. @throws RefusedError `too_large`, `not_found` (the folder itself was moved away).
   */
  changes(project: string): Promise<FolderChanges>;
}

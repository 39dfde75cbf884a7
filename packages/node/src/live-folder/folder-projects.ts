import { realpath } from "node:fs/promises";
import path from "node:path";
import {
  type FileChange,
  type PastSnapshot,
  type ProjectSummary,
  type Projects,
  RefusedError,
  type Snapshot,
} from "@zenode/core";
import { nodeCodec } from "../codec-node.ts";
import { FolderSnapshot, type KnownBlobs } from "./folder-snapshot.ts";
import { FolderTree } from "./folder-tree.ts";
import { changeFolder } from "./folder-writer.ts";

/** A local folder as the one project there is, named after it. */
export class FolderProjects implements Projects {
  readonly name: string;
  readonly tree: FolderTree;
  readonly #known: KnownBlobs = new Map();

  private constructor(tree: FolderTree) {
    this.tree = tree;
    this.name = toProjectName(path.basename(tree.root));
  }

  /** @throws the file system's error for a folder that is not there. */
  static async of(folder: string): Promise<FolderProjects> {
    return new FolderProjects(new FolderTree(await realpath(folder)));
  }

  async names(): Promise<readonly string[]> {
    return [this.name];
  }

  async list(): Promise<readonly ProjectSummary[]> {
    const sum = { files: 0, bytes: 0, updatedAt: 0 };
    for await (const { found } of this.tree.listings(await this.tree.top())) {
      for (const entry of found) {
        if (entry.kind === "directory") continue;
        // As a stored snapshot counts: links among the files, without bytes.
        sum.files += 1;
        if (entry.kind === "link") continue;
        sum.bytes += entry.bytes;
        sum.updatedAt = Math.max(sum.updatedAt, Math.floor(entry.modifiedAt));
      }
    }
    return [{ name: this.name, snapshot: 1, ...sum }];
  }

  /** @throws RefusedError `conflict` (a file is not what the base told of it), and those of `changeFolder`. */
  async change(base: Snapshot, changes: readonly FileChange[]): Promise<Snapshot> {
    if (!(base instanceof FolderSnapshot)) throw new TypeError("The base is not of this folder.");
    const now = await this.#open();
    for (const [file, blob] of base.told) {
      if (changes.some(({ path: at }) => at === file) && (await blobAt(now, file)) !== blob) {
        throw new RefusedError(
          "conflict",
          `${file} was changed meanwhile. Nothing was written. Read it again, then repeat the change.`,
        );
      }
    }
    await changeFolder(this.tree, changes);
    return this.#open();
  }

  async openAt(): Promise<PastSnapshot> {
    throw noHistory();
  }

  async history(): Promise<readonly PastSnapshot[]> {
    throw noHistory();
  }

  /** A call here has one run. */
  async committed(): Promise<undefined> {
    return undefined;
  }

  async delete(): Promise<PastSnapshot> {
    throw new RefusedError(
      "invalid_input",
      `${this.name} is a folder of this machine; this server does not delete it.`,
    );
  }

  async storage(): Promise<undefined> {
    return undefined;
  }

  async preferred(): Promise<string> {
    return this.name;
  }

  async prefer(project: string): Promise<void> {
    await this.open(project);
  }

  async create(): Promise<Snapshot> {
    throw new RefusedError(
      "invalid_input",
      `This server serves one folder, ${this.name}; it has no other projects.`,
    );
  }

  async open(project: string): Promise<Snapshot> {
    if (project !== this.name) {
      throw new RefusedError(
        "not_found",
        `There is no project ${project}. There are: ${this.name}.`,
      );
    }
    return this.#open();
  }

  #open(): FolderSnapshot {
    const known = this.#known;
    return new FolderSnapshot({ project: this.name, tree: this.tree, codec: nodeCodec, known });
  }
}

function noHistory(): RefusedError {
  return new RefusedError(
    "invalid_input",
    "This server works in a local folder, which keeps no earlier snapshots. Use the folder's own version control.",
  );
}

async function blobAt(snapshot: Snapshot, file: string): Promise<string | undefined> {
  try {
    const entry = await snapshot.entry(file);
    return entry.kind === "file" ? entry.blob : undefined;
  } catch (cause) {
    if (cause instanceof RefusedError && cause.code === "not_found") return undefined;
    throw cause;
  }
}

/** `My App!` -> `my-app-`: see core's `parseProjectName`. */
function toProjectName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 64);
  return name === "" ? "folder" : name;
}

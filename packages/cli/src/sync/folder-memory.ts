import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  encodeFolderState,
  type FolderState,
  HOUR,
  NO_STATE,
  type PendingUpload,
  parseFolderState,
  parsePendingUploads,
  type UploadJournal,
} from "@zenode/core";
import type { Target } from "../connection/target.ts";
import { lockState } from "../local/state-lock.ts";
import { CliError } from "../terminal/cli-error.ts";

/** Uploads are adopted for 12 hours (core's `upload.ts`); those that are nearly over are not counted on. */
const UPLOAD_LIFE_MS = 11 * HOUR;

/** What is remembered of one folder and one project of one user; kept outside of the folder, so that no snapshot reaches it. */
export class FolderMemory {
  readonly #directory: string;
  readonly #root: string;
  /** The folder's own identity: another one at the same path has another. */
  readonly #folder: string;

  private constructor(directory: string, root: string, folder: string) {
    this.#directory = directory;
    this.#root = root;
    this.#folder = folder;
  }

  /** `root` is a real path. */
  static async of(target: Target, project: string, root: string): Promise<FolderMemory> {
    const key = [target.mcpUrl, target.username, project, root].join("\n");
    const name = createHash("sha256").update(key).digest("hex").slice(0, 32);
    const directory = path.join(target.folders, name);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return new FolderMemory(directory, root, await identify(root));
  }

  /** @throws CliError when another process has the folder. */
  lock(): { release(): void } {
    const lock = lockState(this.#directory);
    if (lock) return lock;
    throw new CliError(
      `Another zenode process is at work on ${this.#root} (a zenode watch, perhaps). Let it end, or stop it.`,
    );
  }

  /** Undefined: another process has it. */
  tryLock(): { release(): void } | undefined {
    return lockState(this.#directory);
  }

  /** @throws CliError when the folder is gone, or is another one now: its emptiness would say nothing. */
  async checkFolder(): Promise<void> {
    const now = await identify(this.#root).catch(() => undefined);
    if (now !== this.#folder)
      throw new CliError(`${this.#root} is gone, or is another folder now.`);
  }

  async read(): Promise<FolderState> {
    const text = await this.#readText("state.json");
    return (text && parseFolderState(text, this.#folder)) || NO_STATE;
  }

  async write(state: FolderState): Promise<void> {
    await this.#replace("state.json", encodeFolderState(state, this.#folder));
  }

  get journal(): UploadJournal {
    return {
      list: () => this.#uploads(),
      add: async (upload) => {
        const uploads = [...(await this.#uploads()), { ...upload, at: Date.now() }];
        await this.#replace("uploads.json", JSON.stringify(uploads));
      },
      clear: () => rm(path.join(this.#directory, "uploads.json"), { force: true }),
    };
  }

  async #uploads(): Promise<readonly (PendingUpload & { readonly at: number })[]> {
    const uploads = parsePendingUploads((await this.#readText("uploads.json")) ?? "[]");
    return uploads.filter(({ at }) => at > Date.now() - UPLOAD_LIFE_MS);
  }

  async #readText(name: string): Promise<string | undefined> {
    return readFile(path.join(this.#directory, name), "utf8").catch(
      (cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return undefined;
        throw cause;
      },
    );
  }

  /** Whole or not at all. */
  async #replace(name: string, text: string): Promise<void> {
    const file = path.join(this.#directory, name);
    await writeFile(`${file}.${process.pid}`, text, { mode: 0o600 });
    await rename(`${file}.${process.pid}`, file);
  }
}

async function identify(root: string): Promise<string> {
  const { dev, ino, birthtimeNs } = await stat(root, { bigint: true });
  return `${dev}:${ino}:${birthtimeNs}`;
}

import { createReadStream } from "node:fs";
import { chmod, mkdir, open } from "node:fs/promises";
import path from "node:path";
import {
  type ImportedFiles,
  type Importer,
  type ImportFormat,
  type ImportOptions,
  MAX_SNAPSHOT_BYTES,
  MAX_TRANSFER_BYTES,
  MIB,
  type RepositorySource,
  type UploadSource,
} from "@zenode/core";
import { NodeSandbox, type SandboxOptions } from "../sandbox/open-sandbox.ts";
import { makePlace } from "../sandbox/place.ts";
import { detectFormat } from "./detect-format.ts";
import { fetchBundle, fetchRepository } from "./git-fetch.ts";
import { readCommit } from "./git-files.ts";
import { Git, GitFailure, REPOSITORY } from "./git-process.ts";
import { hostile, IncomingFiles, PROJECT_LIMITS } from "./incoming-files.ts";
import { gunzip } from "./inflate.ts";
import { readTar } from "./read-tar.ts";
import { checkAddress } from "./repository-address.ts";
import { Spool } from "./spool.ts";

/** Of a tar: a project's contents with its headers, and what is left out of it. */
const MOST_UNPACKED = 2 * MAX_SNAPSHOT_BYTES;
/** Progress of an upload is told so often. */
const TOLD_BYTES = 64 * MIB;

export interface NodeImporterOptions extends Omit<SandboxOptions, "place" | "ways"> {
  /** A folder of the worker's own, which does not exist yet. */
  readonly folder: string;
  /** Whether http at 127.0.0.1 may be asked: for tests and local use. */
  readonly loopback: boolean;
}

/** What one import works with. */
interface Workbench {
  readonly spool: Spool;
  readonly git: Git;
  readonly at: (name: string) => string;
  close(): Promise<void>;
}

/** Imports one after the other; git runs in a sandbox, as another user where there is one. */
export class NodeImporter implements Importer {
  readonly #options: NodeImporterOptions;
  readonly #benches: Workbench[] = [];

  constructor(options: NodeImporterOptions) {
    this.#options = options;
  }

  async clone({ url, ref }: RepositorySource, options: ImportOptions): Promise<ImportedFiles> {
    const { loopback } = this.#options;
    const address = await checkAddress(url, { loopback });
    const bench = await this.#open(options);
    const commit = await fetchRepository(bench.git, address, ref);
    return readGit(bench, { commit, format: "git" }, options);
  }

  async unpack(
    { bytes, content, ref }: UploadSource,
    options: ImportOptions,
  ): Promise<ImportedFiles> {
    const bench = await this.#open(options);
    const file = bench.at("upload");
    await store(file, { bytes, content }, options);
    const format = await detectFormat(file);
    if (format === "git bundle") {
      const commit = await fetchBundle(bench.git, file, ref);
      return readGit(bench, { commit, format }, options);
    }
    options.tell("Unpacking");
    const { spool } = bench;
    const rules = { folder: options.folder, limits: PROJECT_LIMITS, badPaths: "refuse" } as const;
    const files = new IncomingFiles({ spool, ...rules });
    if (format === "zip") {
      const { readZip } = await import("./read-zip.ts");
      await readZip(file, files, PROJECT_LIMITS);
    } else {
      const stored = createReadStream(file, { highWaterMark: MIB, signal: options.signal });
      await readTar(format === "tar" ? stored : gunzip(stored, MOST_UNPACKED), files);
    }
    return { ...files.done(), format: format === "zip" ? "zip" : "tar" };
  }

  /** Ends what still runs; contents can't be read any more. */
  async close(): Promise<void> {
    for (const bench of this.#benches) await bench.close();
  }

  async #open({ signal, tell }: ImportOptions): Promise<Workbench> {
    const { folder, limits, ...options } = this.#options;
    const root = path.join(folder, String(this.#benches.length));
    await mkdir(path.join(root, "git"), { recursive: true });
    // Git passes through them, as another user.
    for (const one of [folder, root]) await chmod(one, 0o711);
    const place = await makePlace(path.join(root, "git"));
    const repository = path.join(place.projects, REPOSITORY);
    await mkdir(repository);
    const sandbox = new NodeSandbox({
      ...options,
      place,
      // In namespaces it had no network. Beside nothing but its worker it is another user; at a desk it is the user's own git.
      ways: [options.alone ? "user" : "none"],
      limits: { ...limits, diskBytes: MAX_TRANSFER_BYTES },
    });
    await sandbox.take(REPOSITORY, repository);
    const spool = await Spool.create(path.join(root, "contents"));
    const bench: Workbench = {
      spool,
      git: new Git({ sandbox, signal, tell }),
      at: (name) => path.join(root, name),
      async close() {
        await sandbox.close();
        await spool.close();
      },
    };
    this.#benches.push(bench);
    return bench;
  }
}

async function readGit(
  { git, spool, at }: Workbench,
  { commit, format }: { readonly commit: string; readonly format: ImportFormat },
  { folder }: ImportOptions,
): Promise<ImportedFiles> {
  const limits = PROJECT_LIMITS;
  const files = new IncomingFiles({ spool, folder, limits, badPaths: "leave out" });
  try {
    await readCommit({ git, commit, files, limits, list: at("wanted") });
  } catch (cause) {
    if (cause instanceof GitFailure) throw hostile("git can't read what was fetched", cause);
    throw cause;
  }
  return { ...files.done(), format, commit };
}

/** Readable by git, and written by nobody else. */
async function store(
  file: string,
  { bytes, content }: Pick<UploadSource, "bytes" | "content">,
  { signal, tell }: ImportOptions,
): Promise<void> {
  const handle = await open(file, "wx", 0o644);
  try {
    let [written, told] = [0, 0];
    for await (const chunk of content) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
      written += chunk.length;
      if (written - told < TOLD_BYTES && written < bytes) continue;
      tell(`Brought ${Math.floor(written / MIB)} of ${Math.floor(bytes / MIB)} MiB`);
      told = written;
    }
  } finally {
    await handle.close();
  }
}

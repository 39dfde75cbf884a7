import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
  type DisposableComputer,
  MIB,
  type Projects,
  StoredTransfers,
  type ToolContext,
  type ToolResult,
} from "@zenode/core";
import { MemoryTransferStore, MemoryWorkspace, makePrincipal } from "@zenode/core/testing";
import { openJobComputer, systemClock } from "@zenode/node";
import { catalogue } from "@zenode/tools";

/** A workspace over memory stores with a worker's machine, on which imports and exports run. */
export class ImportHouse extends MemoryWorkspace {
  readonly store = new MemoryTransferStore(this.clock);
  readonly messages: string[] = [];
  readonly #workDir: string;
  /** Whether the worker has its machine for itself, so that git runs as another user. */
  alone = false;

  private constructor(workDir: string) {
    super();
    this.#workDir = workDir;
  }

  static async build(): Promise<ImportHouse> {
    const workDir = await mkdtemp(path.join(os.tmpdir(), "zenode-import-"));
    await chmod(workDir, 0o711);
    return new ImportHouse(workDir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#workDir, { recursive: true, force: true });
  }

  transfers(): StoredTransfers {
    const { store, codec, clock } = this;
    const writing = async () => this;
    return new StoredTransfers({ principal: makePrincipal(), store, codec, clock, writing });
  }

  /** The handle of a file that has arrived. */
  async upload(body: Uint8Array): Promise<string> {
    const { url, upload } = await this.transfers().offerUpload(body.length);
    if (!(await this.store.upload(url, body))) throw new Error("The upload was refused.");
    return upload;
  }

  /** What a download gives. */
  async download(url: string): Promise<Buffer> {
    const body = await this.store.download(url);
    if (!body) throw new Error("The download was refused.");
    return Buffer.from(body);
  }

  import(input: object, given: Partial<ToolContext> = {}): Promise<ToolResult> {
    return this.run("import_repository", { project: "app", ...input }, given);
  }

  /** Runs a tool as a worker does. */
  async run(name: string, input: object, given: Partial<ToolContext> = {}): Promise<ToolResult> {
    const tool = catalogue.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no tool ${name}.`);
    const checked = await tool.input["~standard"].validate(input);
    if (checked.issues) throw new Error(JSON.stringify(checked.issues));
    const projects = this.projects();
    const computer = await this.#computer(projects);
    try {
      const run = await tool.load();
      return await run(checked.value, { ...this.#context(projects, computer), ...given });
    } finally {
      await computer.dispose();
    }
  }

  #computer(projects: Projects): Promise<DisposableComputer> {
    return openJobComputer({
      workDir: this.#workDir,
      projects,
      signal: new AbortController().signal,
      limits: { memoryBytes: 1024 * MIB, processes: 256, diskBytes: 1024 * MIB },
      clock: systemClock,
      user: 60_000 + (process.pid % 5_000),
      ways: ["user", "none"],
      alone: this.alone,
      loopbackImports: true,
    });
  }

  #context(projects: Projects, computer: DisposableComputer): ToolContext {
    return {
      principal: makePrincipal(),
      projects,
      transfers: this.transfers(),
      computer,
      clock: systemClock,
      signal: new AbortController().signal,
      deadline: systemClock.now() + 60_000,
      progress: (_progress, _total, message) => this.messages.push(message ?? ""),
      log: () => undefined,
      ask: () => Promise.reject(new Error("No tool here asks for this.")),
      checkpoint: async () => undefined,
    };
  }
}

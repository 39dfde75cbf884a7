import {
  type FileChange,
  RefusedError,
  type Snapshot,
  type ToolContext,
  type ToolResult,
} from "@zenode/core";
import { type Files, MemoryWorkspace, makePrincipal } from "@zenode/core/testing";
import { catalogue } from "@zenode/tools";

/** What somebody who knocks at a door is told; undefined: it opened. */
export type Answer = { readonly code: string; readonly text: string } | undefined;

export interface Door {
  readonly name: string;
  /** Whether it makes something of its path, so that a path nobody had is none to refuse. */
  readonly makes: boolean;
  knock(house: House, path: string): Promise<Answer>;
}

const HARMLESS: Files = { a: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "src/b": "b\n" };

/** A workspace with one small project. */
export class House extends MemoryWorkspace {
  static async build(files: Files = HARMLESS): Promise<House> {
    const house = new House();
    await house.push("app", files);
    return house;
  }

  snapshot(): Promise<Snapshot> {
    return this.projects().open("app");
  }

  async change(...changes: readonly FileChange[]): Promise<Snapshot> {
    return this.projects().change(await this.snapshot(), changes, "");
  }

  /** Runs a tool as the platform does: its arguments through their schema first. */
  async run(name: string, input: object): Promise<ToolResult> {
    const tool = catalogue.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no tool ${name}.`);
    const checked = await tool.input["~standard"].validate({ project: "app", ...input });
    if (checked.issues) throw new RefusedError("invalid_path", JSON.stringify(checked.issues));
    const run = await tool.load();
    return run(checked.value, this.#context());
  }

  #context(): ToolContext {
    const unused = () => Promise.reject(new Error("No tool here asks for this."));
    return {
      principal: makePrincipal(),
      projects: this.projects(),
      clock: this.clock,
      signal: new AbortController().signal,
      deadline: this.clock.now() + 30_000,
      progress: () => undefined,
      log: () => undefined,
      ask: unused,
      checkpoint: async () => undefined,
    };
  }
}

/** What a call ends in. Anything but a refusal is a fault of ours, and thrown. */
export async function answerOf(call: () => Promise<unknown>): Promise<Answer> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { code: error.code, text: error.message };
  }
}

const snapshotDoor = (
  name: string,
  ask: (snapshot: Snapshot, path: string) => Promise<unknown>,
): Door => ({
  name: `Snapshot.${name}`,
  makes: false,
  knock: (house, path) => answerOf(async () => ask(await house.snapshot(), path)),
});

const changeDoor = (
  name: string,
  makes: boolean,
  toChange: (path: string) => FileChange,
): Door => ({
  name: `Projects.change, ${name}`,
  makes,
  knock: (house, path) => answerOf(() => house.change(toChange(path))),
});

const toolDoor = (tool: string, makes: boolean, toInput: (path: string) => object): Door => ({
  name: tool,
  makes,
  knock: (house, path) =>
    answerOf(async () => {
      const { isError, content } = await house.run(tool, toInput(path));
      const text = content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
      if (!isError) return;
      // The code does not stand in a result; its words do.
      const code = text.startsWith("The path ") ? "invalid_path" : "other";
      throw new RefusedError(code === "other" ? "not_found" : code, text);
    }),
});

const content = new TextEncoder().encode("x");

/** Every way to name a path of a project. A new tool that takes one is a line here. */
export const DOORS: readonly Door[] = [
  snapshotDoor("entry", (snapshot, path) => snapshot.entry(path)),
  snapshotDoor("list", (snapshot, path) => snapshot.list(path)),
  snapshotDoor("read", (snapshot, path) => snapshot.read(path, 100)),
  snapshotDoor("walk", async (snapshot, path) => {
    for await (const _ of snapshot.walk(path));
  }),
  changeDoor("a file", true, (path) => ({ kind: "file", path, content, executable: false })),
  changeDoor("a link", true, (path) => ({ kind: "link", path, target: "x" })),
  changeDoor("a copy to it", true, (path) => ({ kind: "copy", path, from: "a" })),
  changeDoor("a copy from it", false, (from) => ({ kind: "copy", path: "copy", from })),
  changeDoor("nothing there", false, (path) => ({ kind: "absent", path })),
  toolDoor("write_file", true, (path) => ({ path, content: "x" })),
  toolDoor("edit_file", false, (path) => ({ path, edits: [{ old_text: "a", new_text: "b" }] })),
  toolDoor("move", false, (source) => ({ source, destination: "moved" })),
  toolDoor("move", true, (destination) => ({ source: "a", destination })),
  toolDoor("delete", false, (path) => ({ path, recursive: true })),
  toolDoor("read_file", false, (path) => ({ path })),
  toolDoor("list_directory", false, (path) => ({ path })),
  toolDoor("import_repository", false, (folder) => ({
    ...{ repository: "https://example.org/a.git", if_exists: "merge", folder },
  })),
  toolDoor("search_files", false, (path) => ({ path, pattern: "x" })),
];

import type { AnyTool } from "./define-tool.ts";

/** The tools of a server, in the stable order they are listed in. */
export class ToolRegistry {
  readonly #byName: ReadonlyMap<string, AnyTool>;

  /** @throws Error when two tools have one name: a mistake of the catalogue. */
  constructor(tools: readonly AnyTool[]) {
    const byName = new Map<string, AnyTool>();
    for (const tool of [...tools].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (byName.has(tool.name)) throw new Error(`Two tools are named ${tool.name}.`);
      byName.set(tool.name, tool);
    }
    this.#byName = byName;
  }

  get(name: string): AnyTool | undefined {
    return this.#byName.get(name);
  }

  list(): readonly AnyTool[] {
    return [...this.#byName.values()];
  }
}

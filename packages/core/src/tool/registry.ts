import type { AnyTool } from "./define-tool.ts";
import { toWorkerSize } from "./worker-size.ts";

/** The tools of a server, in the stable order they are listed in. */
export class ToolRegistry {
  readonly #byName: ReadonlyMap<string, AnyTool>;

  /** @throws Error for mistakes of the catalogue: two tools of one name, a limit that no worker can have. */
  constructor(tools: readonly AnyTool[]) {
    const byName = new Map<string, AnyTool>();
    for (const tool of [...tools].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (byName.has(tool.name)) throw new Error(`Two tools are named ${tool.name}.`);
      checkLimits(tool);
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

function checkLimits({ name, limits }: AnyTool): void {
  toWorkerSize(name, limits);
  if (Number.isFinite(limits.timeoutMs) && limits.timeoutMs > 0) return;
  throw new Error(`${name} may run for ${limits.timeoutMs} ms, which is no time.`);
}

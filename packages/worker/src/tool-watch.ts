import { type AnyTool, ToolRegistry } from "@zenode/core";

/** Knows of tools that still run though their call was answered, because they do not heed their signal. */
export class ToolWatch {
  #running = 0;

  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** The same tools, watched. */
  over(registry: ToolRegistry): ToolRegistry {
    return new ToolRegistry(registry.list().map((tool) => this.#watched(tool)));
  }

  #watched(tool: AnyTool): AnyTool {
    const load: AnyTool["load"] = async () => {
      const run = await tool.load();
      return async (input, context) => {
        this.#running += 1;
        try {
          return await run(input, context);
        } finally {
          this.#running -= 1;
        }
      };
    };
    return { ...tool, load };
  }
}

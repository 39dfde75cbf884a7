import type { AnyTool, Computer, JsonObject, ToolContext, ToolResult } from "@zenode/core";
import { type Files, MemoryWorkspace, makePrincipal } from "@zenode/core/testing";

/** Projects by name, and what a tool that ran told about its progress. */
export class ToolWorkspace extends MemoryWorkspace {
  readonly progress: (readonly [progress: number, total: number | undefined])[] = [];

  static async of(projects: Readonly<Record<string, Files>>): Promise<ToolWorkspace> {
    const workspace = new ToolWorkspace();
    for (const [name, files] of Object.entries(projects)) await workspace.push(name, files);
    return workspace;
  }

  context(computer?: Computer): ToolContext {
    return {
      principal: makePrincipal(),
      projects: this.projects(),
      clock: this.clock,
      signal: new AbortController().signal,
      deadline: this.clock.now() + 30_000,
      progress: (progress, total) => this.progress.push([progress, total]),
      log: () => undefined,
      ask: () => Promise.reject(new Error("Nobody answers here.")),
      checkpoint: async () => undefined,
      ...(computer ? { computer } : {}),
    };
  }

  /** Runs a tool as the platform does: arguments and structured result through its schemas. */
  async run(tool: AnyTool, input: unknown, computer?: Computer): Promise<ToolResult> {
    const run = await tool.load();
    const result = await run(await check(tool.input, input), this.context(computer));
    if (tool.output && !result.isError) await check(tool.output, result.structured);
    return result;
  }
}

async function check(schema: AnyTool["input"], value: unknown): Promise<unknown> {
  const checked = await schema["~standard"].validate(value);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return checked.value;
}

/** The texts of a result, one after the other. */
export function toText({ content }: ToolResult): string {
  return content.map((part) => (part.type === "text" ? part.text : `(${part.type})`)).join("\n");
}

/** The structured part of a result that must have one. */
export function toStructured({ structured }: ToolResult): JsonObject {
  if (structured) return structured;
  throw new Error("The result has no structured part.");
}

import {
  type AnyTool,
  type ChildEnd,
  ChildMaps,
  type ChildOrder,
  type Computer,
  type JsonObject,
  MAX_FILE_BYTES,
  type ToolContext,
  ToolRegistry,
  type ToolResult,
} from "@zenode/core";
import { type Files, MemoryWorkspace, makePrincipal } from "@zenode/core/testing";
import { catalogue } from "../index.ts";

/** Projects by name, and what a tool that ran told about its progress. */
export class ToolWorkspace extends MemoryWorkspace {
  readonly progress: (readonly [progress: number, total: number | undefined])[] = [];

  /** Instead of running a child: how it is to end; undefined: it runs. */
  breakChild: (order: ChildOrder) => ChildEnd | undefined = () => undefined;

  static async of(projects: Readonly<Record<string, Files>>): Promise<ToolWorkspace> {
    const workspace = new ToolWorkspace();
    for (const [name, files] of Object.entries(projects)) await workspace.push(name, files);
    return workspace;
  }

  context(computer?: Computer): ToolContext {
    const principal = makePrincipal();
    const { signal } = new AbortController();
    return {
      principal,
      children: new ChildMaps({
        registry: new ToolRegistry(catalogue),
        parent: { principal },
        signal,
        run: (order) => this.#runChild(order),
      }),
      projects: this.projects(),
      clock: this.clock,
      signal,
      deadline: this.clock.now() + 30_000,
      progress: (progress, total) => this.progress.push([progress, total]),
      log: () => undefined,
      ask: () => Promise.reject(new Error("Nobody answers here.")),
      checkpoint: async () => undefined,
      ...(computer ? { computer } : {}),
    };
  }

  async #runChild(order: ChildOrder): Promise<ChildEnd> {
    const broken = this.breakChild(order);
    return broken ?? { kind: "result", result: await this.run(order.tool, order.sent) };
  }

  /** Runs a tool as the platform does: arguments and structured result through its schemas. */
  async run(
    tool: AnyTool,
    input: unknown,
    computer?: Computer,
    given: Partial<ToolContext> = {},
  ): Promise<ToolResult> {
    const run = await tool.load();
    const context = { ...this.context(computer), ...given };
    const result = await run(await check(tool.input, input), context);
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

/** Contents by path: links as `-> target`, executables with a star behind the path. */
export async function filesOf(
  workspace: MemoryWorkspace,
  project: string,
): Promise<Record<string, string>> {
  const found = new Map<string, string>();
  const snapshot = await workspace.projects().open(project);
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "link") found.set(entry.path, `-> ${entry.target}`);
    else {
      const content = await snapshot.read(entry.path, MAX_FILE_BYTES);
      const name = entry.executable ? `${entry.path}*` : entry.path;
      found.set(name, new TextDecoder("utf-8", { ignoreBOM: true }).decode(content));
    }
  }
  return Object.fromEntries(found);
}

/** The structured part of a result that must have one. */
export function toStructured({ structured }: ToolResult): JsonObject {
  if (structured) return structured;
  throw new Error("The result has no structured part.");
}

import type { Tool as WireTool } from "@modelcontextprotocol/server";
import type { Scope } from "../access/scope.ts";
import type { AnyTool } from "../tool/define-tool.ts";
import type { ToolRegistry } from "../tool/registry.ts";
import type { Schema } from "../tool/schema.ts";
import type { AnyNativeTool } from "./native-tool.ts";

export type CatalogueEntry =
  | { readonly kind: "platform"; readonly tool: AnyTool; readonly wire: WireTool }
  | { readonly kind: "native"; readonly tool: AnyNativeTool; readonly wire: WireTool };

/** Every tool a client can call, with its wire form: JSON schemas are made once a process, not once a request. */
export class Catalogue {
  readonly #entries = new Map<string, CatalogueEntry>();
  /** As tools/list answers: by name, the same for everyone. */
  readonly list: readonly WireTool[];

  /** @throws Error when two tools have one name: a mistake of the catalogue. */
  constructor(registry: ToolRegistry, native: readonly AnyNativeTool[]) {
    for (const tool of registry.list()) this.#add({ kind: "platform", tool, wire: toWire(tool) });
    for (const tool of native) this.#add({ kind: "native", tool, wire: toNativeWire(tool) });
    const wires = [...this.#entries.values()].map(({ wire }) => wire);
    this.list = wires.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): CatalogueEntry | undefined {
    return this.#entries.get(name);
  }

  /** The scope a call of the tool needs; unknown tools need none, they are told so. */
  scopeOf(name: string): Scope | undefined {
    return this.#entries.get(name)?.tool.scope;
  }

  #add(entry: CatalogueEntry): void {
    const { name } = entry.tool;
    if (this.#entries.has(name)) throw new Error(`Two tools are named ${name}.`);
    this.#entries.set(name, entry);
  }
}

const TARGET = { target: "draft-2020-12" };

function toNativeWire(tool: Omit<AnyNativeTool, "run">): WireTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toInputSchema(tool.input),
    annotations: { ...tool.annotations },
  };
}

/**
 * The output schema is promised only for tools that always answer here: clients refuse an answer
 * without structured content where one was promised, and a call that became a task may have to end
 * with a note of its task id instead.
 */
function toWire(tool: AnyTool): WireTool {
  const wire = toNativeWire(tool);
  if (!tool.output || tool.placement.kind !== "lambda") return wire;
  const output = tool.output["~standard"].jsonSchema.output(TARGET);
  return { ...wire, outputSchema: { type: "object", ...output } } as WireTool;
}

function toInputSchema(schema: Schema): WireTool["inputSchema"] {
  return {
    type: "object",
    ...schema["~standard"].jsonSchema.input(TARGET),
  } as WireTool["inputSchema"];
}

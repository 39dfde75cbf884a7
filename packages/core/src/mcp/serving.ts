import { Catalogue } from "./catalogue.ts";
import type { Serving } from "./exchange.ts";
import { DEFAULT_LIMITS, type ServerPorts } from "./ports.ts";
import { PromptCatalogue } from "./prompts.ts";
import type { RequestStates } from "./request-state.ts";
import { createTaskTool } from "./task-tool.ts";

/** What every server of this process shares. @throws Error when two tools have one name. */
export function createServing(ports: ServerPorts, requestStates?: RequestStates): Serving {
  const native = [...(ports.nativeTools ?? []), createTaskTool(() => serving)];
  const serving: Serving = {
    ports,
    limits: { ...DEFAULT_LIMITS, ...ports.limits },
    catalogue: new Catalogue(ports.registry, native),
    prompts: new PromptCatalogue(ports.prompts ?? [], ports.nativePrompts ?? []),
    sources: ports.resources ?? [],
    ...(requestStates && { requestStates }),
    report: ports.report ?? (() => undefined),
  };
  return serving;
}

import { Catalogue } from "./catalogue.ts";
import type { Serving } from "./exchange.ts";
import { DEFAULT_LIMITS, type ServerPorts } from "./ports.ts";
import { PromptCatalogue } from "./prompts.ts";
import { createTaskTool } from "./task-tool.ts";

/** What only some servers have. */
export type Extras = Pick<Serving, "requestStates" | "changes">;

/** What every server of this process shares. @throws Error when two tools have one name. */
export function createServing(ports: ServerPorts, extras: Extras): Serving {
  const native = [...(ports.nativeTools ?? []), createTaskTool(() => serving)];
  const serving: Serving = {
    ports,
    limits: { ...DEFAULT_LIMITS, ...ports.limits },
    catalogue: new Catalogue(ports.registry, native),
    prompts: new PromptCatalogue(ports.prompts ?? [], ports.nativePrompts ?? []),
    sources: ports.resources ?? [],
    ...extras,
    report: ports.report ?? (() => undefined),
  };
  return serving;
}

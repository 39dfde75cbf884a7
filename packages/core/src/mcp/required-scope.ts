import type { Scope } from "../access/scope.ts";
import type { Served } from "./exchange.ts";

const READING: ReadonlySet<unknown> = new Set([
  "completion/complete",
  "resources/list",
  "resources/read",
  "resources/subscribe",
]);

/**
 * The scope a message needs, whatever leg it came in on; undefined: none, or it names something
 * unknown and is told so. `message` is from outside and may be anything.
 */
export function requiredScope(
  { catalogue, prompts }: Pick<Served, "catalogue" | "prompts">,
  message: unknown,
): Scope | undefined {
  const { method, params } = Object(message) as { method?: unknown; params?: { name?: unknown } };
  if (READING.has(method)) return "read";
  const name = params?.name;
  if (typeof name !== "string") return undefined;
  if (method === "tools/call") return catalogue.scopeOf(name);
  return method === "prompts/get" ? prompts.scopeOf(name) : undefined;
}

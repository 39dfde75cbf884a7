import {
  type CompleteRequest,
  type CompleteResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
} from "@modelcontextprotocol/server";
import type { PromptArgument } from "../prompt/define-prompt.ts";
import type { ResourceContext } from "../resource/resource-source.ts";
import type { Exchange, Serving } from "./exchange.ts";
import { answer, toResourceContext } from "./resources.ts";

/** Values in one answer (specification, server/utilities/completion). */
const MAX_VALUES = 100;

/** Completes variables of resource templates and arguments of prompts. */
export function registerCompletion(server: Server, served: Serving, exchange: Exchange): void {
  server.setRequestHandler("completion/complete", ({ params }) =>
    answer(served, async () =>
      toResult(await complete(served, toResourceContext(served, exchange), params)),
    ),
  );
}

function toResult(values: readonly string[]): CompleteResult {
  return {
    completion: {
      values: values.slice(0, MAX_VALUES),
      total: values.length,
      hasMore: values.length > MAX_VALUES,
    },
  };
}

async function complete(
  served: Serving,
  context: ResourceContext,
  { ref, argument, context: filled }: CompleteRequest["params"],
): Promise<readonly string[]> {
  const typed = argument.value;
  const others = filled?.arguments ?? {};
  if (ref.type === "ref/prompt") {
    const found = argumentOf(served, ref.name, argument.name);
    return (await found.complete?.(context, typed, others)) ?? [];
  }
  const source = served.sources.find(({ templates }) =>
    templates.some(({ uriTemplate }) => uriTemplate === ref.uri),
  );
  if (!source) return completeResource(served, ref.uri);
  return source.complete(context, { template: ref.uri, variable: argument.name, typed, others });
}

/** A resource without variables may be asked about too; there is nothing to fill in. */
function completeResource({ sources }: Serving, uri: string): readonly string[] {
  if (sources.some(({ prefix }) => uri.startsWith(prefix))) return [];
  throw invalid(`Unknown resource template: ${uri}`);
}

function argumentOf({ prompts }: Serving, name: string, argument: string): PromptArgument {
  const entry = prompts.get(name);
  if (!entry) throw invalid(`Unknown prompt: ${name}`);
  const known: Readonly<Record<string, PromptArgument>> = entry.prompt.arguments;
  const found = Object.hasOwn(known, argument) ? known[argument] : undefined;
  if (!found) throw invalid(`The prompt ${name} has no argument ${argument}.`);
  return found;
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

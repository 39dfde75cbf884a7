import {
  type GetPromptResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
  type Prompt as WirePrompt,
} from "@modelcontextprotocol/server";
import type { Scope } from "../access/scope.ts";
import type { AnyPrompt } from "../prompt/define-prompt.ts";
import type { Exchange, Serving } from "./exchange.ts";
import type { NativePrompt } from "./native-prompt.ts";
import { answer, toResourceContext } from "./resources.ts";

export type PromptEntry =
  | { readonly kind: "platform"; readonly prompt: AnyPrompt }
  | { readonly kind: "native"; readonly prompt: NativePrompt };

/** Every prompt, by name. */
export class PromptCatalogue {
  readonly #entries = new Map<string, PromptEntry>();
  /** As prompts/list answers: by name, the same for everyone. */
  readonly list: readonly WirePrompt[];

  /** @throws Error when two prompts have one name: a mistake of the catalogue. */
  constructor(platform: readonly AnyPrompt[], native: readonly NativePrompt[]) {
    for (const prompt of platform) this.#add({ kind: "platform", prompt });
    for (const prompt of native) this.#add({ kind: "native", prompt });
    this.list = [...this.#entries.values()]
      .map(({ prompt }) => toWire(prompt))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): PromptEntry | undefined {
    return this.#entries.get(name);
  }

  scopeOf(name: string): Scope | undefined {
    return this.#entries.get(name)?.prompt.scope;
  }

  #add(entry: PromptEntry): void {
    const { name } = entry.prompt;
    if (this.#entries.has(name)) throw new Error(`Two prompts are named ${name}.`);
    this.#entries.set(name, entry);
  }
}

type AnyDeclaration = Omit<AnyPrompt, "build">;

function toWire({ name, title, description, arguments: known }: AnyDeclaration): WirePrompt {
  const entries = Object.entries(known as AnyPrompt["arguments"]);
  return {
    name,
    title,
    description,
    arguments: entries.map(([argument, { description: what, required = false }]) => ({
      name: argument,
      description: what,
      required,
    })),
  };
}

export function registerPrompts(server: Server, served: Serving, exchange: Exchange): void {
  server.setRequestHandler("prompts/list", () => ({ prompts: [...served.prompts.list] }));
  server.setRequestHandler("prompts/get", ({ params }, ctx) =>
    answer(served, () => getPrompt(served, exchange, { ...params, ctx })),
  );
}

interface Asked {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, string>> | undefined;
  readonly ctx: ServerContext;
}

async function getPrompt(
  served: Serving,
  exchange: Exchange,
  { name, arguments: given = {}, ctx }: Asked,
): Promise<GetPromptResult | InputRequiredResult> {
  const entry = served.prompts.get(name);
  if (!entry) throw invalid(`Unknown prompt: ${name}`);
  checkArguments(entry.prompt, given);
  if (entry.kind === "native") {
    const { principal } = exchange;
    const requestState = served.requestStates?.of(exchange);
    return entry.prompt.run(given, { principal, mcp: ctx, ...(requestState && { requestState }) });
  }
  const messages = await entry.prompt.build(given, toResourceContext(served, exchange));
  return {
    description: entry.prompt.description,
    messages: messages as GetPromptResult["messages"],
  };
}

function checkArguments(
  { name, arguments: known }: AnyDeclaration,
  given: Readonly<Record<string, string>>,
): void {
  const declared: AnyPrompt["arguments"] = known;
  const missing = Object.entries(declared)
    .filter(([argument, { required }]) => required && !given[argument])
    .map(([argument]) => argument);
  if (missing.length > 0) throw invalid(`The prompt ${name} needs: ${missing.join(", ")}.`);
  const strange = Object.keys(given).filter((argument) => !Object.hasOwn(declared, argument));
  if (strange.length > 0) throw invalid(`The prompt ${name} takes no ${strange.join(", ")}.`);
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

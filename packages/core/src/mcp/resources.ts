import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  type Server,
} from "@modelcontextprotocol/server";
import { RefusedError } from "../lib/error.ts";
import type { ResourceContext, ResourceSource } from "../resource/resource-source.ts";
import { toProtocolError } from "./error-to-wire.ts";
import type { Exchange, Serving } from "./exchange.ts";

/** The resource methods, over every source. */
export function registerResources(server: Server, served: Serving, exchange: Exchange): void {
  const { sources } = served;
  const context = toResourceContext(served, exchange);
  server.setRequestHandler("resources/list", ({ params }) =>
    answer(served, () => listPage(served, context, params?.cursor)),
  );
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: sources.flatMap(({ templates }) =>
      templates.map((template) => ({ ...template })),
    ),
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) =>
    answer(served, () => read(sources, context, uri)),
  );
  if (exchange.era === "modern") return;
  // The session keeps the URI (legacy/post.ts); here is only said whether it can be one.
  server.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
    if (!sourceOf(sources, uri)) throw notFound(uri);
    if (uri.length <= MAX_WATCHED_URI) return {};
    const message = `A subscription's URI has at most ${MAX_WATCHED_URI} characters.`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
  });
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}

/** Of one that is watched: sessions keep them. */
export const MAX_WATCHED_URI = 2048;

/** The SDK's own text repeats the URI, however long. */
function notFound(uri: string): ResourceNotFoundError {
  return new ResourceNotFoundError(uri, "There is no resource with this URI.");
}

export function toResourceContext(
  { ports }: Pick<Serving, "ports">,
  { principal }: Pick<Exchange, "principal">,
): ResourceContext {
  return { principal, projects: ports.projects(principal) };
}

/** A refusal is the caller's mistake: -32602 with the text that says what would work. */
export async function answer<Result>(
  { report }: Serving,
  make: () => Promise<Result>,
): Promise<Result> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof RefusedError && error.code !== "corrupt") {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
    throw toProtocolError(error, report);
  }
}

async function listPage(
  { sources, limits }: Serving,
  context: ResourceContext,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const from = cursor === undefined ? undefined : parseCursor(cursor);
  const start = from ? sources.findIndex(({ prefix }) => prefix === from.prefix) : 0;
  if (start < 0) throw badCursor();
  const resources: ListResourcesResult["resources"] = [];
  let after = from?.after;
  for (const source of sources.slice(start)) {
    const left = limits.pageSize - resources.length;
    if (left === 0) return { resources, nextCursor: toCursor({ prefix: source.prefix }) };
    const page = await source.list(context, after, left);
    resources.push(...(page.resources as ListResourcesResult["resources"]));
    if (page.next !== undefined) {
      return { resources, nextCursor: toCursor({ prefix: source.prefix, after: page.next }) };
    }
    after = undefined;
  }
  return { resources };
}

/** Which source a page begins in, and where in it. */
interface PageStart {
  readonly prefix: string;
  readonly after?: string | undefined;
}

function toCursor({ prefix, after }: PageStart): string {
  return encodeURIComponent(JSON.stringify(after === undefined ? [prefix] : [prefix, after]));
}

function parseCursor(cursor: string): PageStart {
  try {
    const [prefix, after]: unknown[] = JSON.parse(decodeURIComponent(cursor));
    if (typeof prefix === "string" && (after === undefined || typeof after === "string")) {
      return { prefix, after };
    }
  } catch (cause) {
    throw badCursor(cause);
  }
  throw badCursor();
}

function badCursor(cause?: unknown): RefusedError {
  const message = "The cursor is none that this server gave; begin without one.";
  return new RefusedError("invalid_input", message, { cause });
}

async function read(
  sources: readonly ResourceSource[],
  context: ResourceContext,
  uri: string,
): Promise<ReadResourceResult> {
  const source = sourceOf(sources, uri);
  if (!source) throw notFound(uri);
  try {
    return { contents: [{ ...(await source.read(context, uri)) }] };
  } catch (error) {
    if (error instanceof RefusedError && NOT_THERE.has(error.code)) {
      throw new ResourceNotFoundError(uri, error.message);
    }
    throw error;
  }
}

const NOT_THERE: ReadonlySet<string> = new Set([
  "not_found",
  "not_a_file",
  "not_a_directory",
  "invalid_path",
]);

export function sourceOf(
  sources: readonly ResourceSource[],
  uri: string,
): ResourceSource | undefined {
  return sources.find(({ prefix }) => uri.startsWith(prefix));
}

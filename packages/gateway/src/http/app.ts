import type { Principal } from "@zenode/core";
import { authenticate, type TokenVerifier } from "./authenticate.ts";
import { READABLE } from "./cors.ts";
import { problem } from "./problem.ts";

/** One invocation's own facts. */
export interface Invocation {
  /** Milliseconds since the epoch at which the process must have answered. */
  readonly deadline: number;
  /** Takes work that goes on after the response has ended: the host keeps the process running for it. */
  readonly waitUntil: (work: Promise<void>) => void;
}

export interface RequestContext extends Invocation {
  readonly principal: Principal;
}

export type Handle = (request: Request, context: RequestContext) => Promise<Response>;
export type App = (request: Request, invocation: Invocation) => Promise<Response>;

export interface AppPorts {
  readonly verify: TokenVerifier;
  readonly resourceMetadataUrl: string;
  readonly mcp: Handle;
  readonly api: Handle;
  readonly onError: (cause: unknown, request: Request) => void;
}

/** The kernel: everything behind the Lambda entry is `Request -> Response`. */
export function createApp(ports: AppPorts): App {
  return async (request, invocation) => {
    const response = await answer(ports, request, invocation);
    if (request.headers.has("origin")) {
      for (const [name, value] of Object.entries(READABLE)) response.headers.set(name, value);
    }
    return response;
  };
}

async function answer(
  ports: AppPorts,
  request: Request,
  invocation: Invocation,
): Promise<Response> {
  try {
    const principal = await authenticate(request, ports.verify, ports.resourceMetadataUrl);
    if (principal instanceof Response) return principal;
    const { pathname } = new URL(request.url);
    if (pathname === "/mcp") return await ports.mcp(request, { ...invocation, principal });
    if (pathname.startsWith("/api/")) return await ports.api(request, { ...invocation, principal });
    return problem(404, "not_found", "There is nothing at this address. The MCP endpoint is /mcp.");
  } catch (cause) {
    ports.onError(cause, request);
    return problem(500, "internal", "zenode failed on this request; it was recorded. Try again.");
  }
}

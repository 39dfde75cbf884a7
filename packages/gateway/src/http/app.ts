import type { Principal } from "@zenode/core";
import { authenticate, type TokenVerifier } from "./authenticate.ts";
import { problem } from "./problem.ts";

/** What a request may take and who it is from. */
export interface RequestContext {
  readonly principal: Principal;
  /** Milliseconds since the epoch at which the process must have answered. */
  readonly deadline: number;
}

export type Handle = (request: Request, context: RequestContext) => Promise<Response>;

export interface AppPorts {
  readonly verify: TokenVerifier;
  readonly resourceMetadataUrl: string;
  readonly mcp: Handle;
  readonly api: Handle;
  readonly onError: (cause: unknown, request: Request) => void;
}

/** The kernel: everything behind the Lambda entry is `Request -> Response`. */
export function createApp(
  ports: AppPorts,
): (request: Request, deadline: number) => Promise<Response> {
  return async (request, deadline) => {
    try {
      const principal = await authenticate(request, ports.verify, ports.resourceMetadataUrl);
      if (principal instanceof Response) return principal;
      const { pathname } = new URL(request.url);
      if (pathname === "/mcp") return await ports.mcp(request, { principal, deadline });
      if (pathname.startsWith("/api/")) return await ports.api(request, { principal, deadline });
      return problem(
        404,
        "not_found",
        "There is nothing at this address. The MCP endpoint is /mcp.",
      );
    } catch (cause) {
      ports.onError(cause, request);
      return problem(500, "internal", "zenode failed on this request; it was recorded. Try again.");
    }
  };
}

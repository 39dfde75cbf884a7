import {
  CLIENT_CAPABILITIES_META_KEY,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { InputKind } from "../tool/input-request.ts";

/**
 * What this request's client can be asked for: it says so on each request (2026-07-28), or said so
 * at the start of its session.
 */
export function declaredInputs(server: Server, ctx: ServerContext): readonly InputKind[] {
  const envelope: Readonly<Record<string, unknown>> = ctx.mcpReq.envelope ?? {};
  const own = envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities();
  return toInputKinds((own ?? {}) as ClientInputs);
}

interface ClientInputs {
  readonly elicitation?: { readonly form?: unknown; readonly url?: unknown };
  readonly sampling?: { readonly tools?: unknown };
  readonly roots?: unknown;
}

/** A bare `elicitation: {}` means forms, as before there were modes. */
export function toInputKinds({ elicitation, sampling, roots }: ClientInputs): readonly InputKind[] {
  const forms = elicitation && (elicitation.form !== undefined || elicitation.url === undefined);
  const kinds: readonly (readonly [InputKind, boolean])[] = [
    ["form", forms === true],
    ["url", elicitation?.url !== undefined],
    ["sampling", sampling !== undefined],
    ["sampling_tools", sampling?.tools !== undefined],
    ["roots", roots !== undefined],
  ];
  return kinds.filter(([, isDeclared]) => isDeclared).map(([kind]) => kind);
}

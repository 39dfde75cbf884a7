import { createRequestStateCodec, type RequestStateCodec } from "@modelcontextprotocol/server";
import type { ChangeBus } from "../changes/change-bus.ts";
import { Catalogue } from "./catalogue.ts";
import type { Serving } from "./exchange.ts";
import { DEFAULT_LIMITS, type ServerPorts } from "./ports.ts";
import { createTaskTool } from "./task-tool.ts";

/**
 * What every server of this process shares.
 * @throws Error when two tools have one name; RangeError for a `requestStateKey` under 32 bytes.
 */
export function createServing(ports: ServerPorts, changes?: ChangeBus): Serving {
  const native = [...(ports.nativeTools ?? []), createTaskTool(() => serving)];
  const serving: Serving = {
    ports,
    limits: { ...DEFAULT_LIMITS, ...ports.limits },
    catalogue: new Catalogue(ports.registry, native),
    ...(ports.requestStateKey && { requestState: createCodec(ports.requestStateKey) }),
    ...(changes && { changes }),
    report: ports.report ?? (() => undefined),
  };
  return serving;
}

/** State goes back only to who got it, for the method it was made for. */
function createCodec(key: Uint8Array): RequestStateCodec {
  return createRequestStateCodec({
    key,
    bind: (ctx) => {
      const { clientId, extra } = ctx.http?.authInfo ?? {};
      return JSON.stringify([ctx.mcpReq.method, clientId, extra?.tenant, extra?.subject]);
    },
  });
}

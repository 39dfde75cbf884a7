import type { InputRequests } from "@modelcontextprotocol/server";
import type { JobInput } from "../burst/job.ts";
import type { InputRequest } from "../tool/input-request.ts";

/** Our type says what MCP's does, read-only. */
export function toWire(request: InputRequest): InputRequests[string] {
  return structuredClone(request) as unknown as InputRequests[string];
}

/** The requests as `tasks/get` and a round of questions show them, by their keys. */
export function toInputRequests(inputs: readonly JobInput[]) {
  return Object.fromEntries(inputs.map(({ key, request }) => [key, toWire(request)]));
}

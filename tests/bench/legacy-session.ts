import { post, postLegacy, startSession } from "../harness/wire.ts";
import type { OperationName } from "./row-names.ts";

export interface Step {
  readonly name: OperationName;
  run(): Promise<void>;
}

/** The requests of a session of revision 2025-11-25, one by one. */
export function legacySteps(mcpUrl: string, token: string): readonly Step[] {
  let headers: Readonly<Record<string, string>> = {};
  const call = (name: string) =>
    postLegacy(mcpUrl, "tools/call", { token, headers, params: { name, arguments: {} } });
  return [
    {
      name: "legacy initialize",
      run: async () => {
        headers = await startSession(mcpUrl, token);
      },
    },
    {
      name: "legacy notification",
      run: () => {
        const body = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });
        return expectStatus(post(mcpUrl, body, { token, headers }), 202);
      },
    },
    {
      name: "legacy tools/list",
      run: () => expectStatus(postLegacy(mcpUrl, "tools/list", { token, headers }), 200),
    },
    { name: "legacy tools/call whoami", run: () => expectStatus(call("whoami"), 200) },
    {
      name: "legacy DELETE",
      run: () => {
        const authorization = `Bearer ${token}`;
        const request = { method: "DELETE", headers: { ...headers, authorization } };
        return expectStatus(fetch(mcpUrl, request), 200);
      },
    },
  ];
}

/** @throws Error for another status: a refusal's cost is nobody's figure. */
async function expectStatus(answer: Promise<Response>, status: number): Promise<void> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== status)
    throw new Error(`${response.status} instead of ${status}: ${text}`);
}

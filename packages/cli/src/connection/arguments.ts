import type { ArgsDef } from "citty";

export const DEFAULT_STATE = ".zenode";

/** What every command takes: which instance, and how to answer. */
export const commonArgs = {
  state: {
    type: "string",
    description: "State folder of a local instance",
    valueHint: "DIR",
    default: DEFAULT_STATE,
  },
  url: {
    type: "string",
    description: "MCP URL of a deployed zenode, instead of a local one",
    valueHint: "URL",
  },
  user: { type: "string", description: "Local user to act as", default: "dev" },
  "client-id": {
    type: "string",
    description: "OAuth client id of a deployed zenode (shown by npm run deploy)",
  },
  json: { type: "boolean", description: "Answer in JSON", default: false },
} as const satisfies ArgsDef;

export interface CommonArgs {
  readonly state: string;
  readonly url?: string | undefined;
  readonly user: string;
  readonly "client-id"?: string | undefined;
  readonly json: boolean;
}

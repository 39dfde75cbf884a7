import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";

export const whoami = defineTool({
  name: "whoami",
  title: "Who am I",
  description:
    "Tells whose workspace this connection works in: tenant, user, granted scopes, and how long a call may take. Reads no files.",
  input: z.object({}),
  output: z.object({
    tenant: z.string(),
    user: z.string(),
    subject: z.string(),
    client: z.string(),
    scopes: z.array(z.string()),
    token_expires_at: z.string().describe("ISO 8601"),
    deadline: z.string().describe("When this call must have ended, ISO 8601"),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 5 * SECOND },
  load: async () => (await import("./run.ts")).run,
});

import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGES } from "../project/arguments.ts";

export const prepareUpload = defineTool({
  name: "prepare_upload",
  title: "Prepare upload",
  description:
    "Gives an address that takes one file by HTTP PUT, past this server: a zip, tar, tar.gz or git bundle for import_repository, which then takes the handle. The file must have exactly the given size. Anybody who knows the address may upload to it for an hour; the file is kept for two days.",
  input: z.object({
    bytes: z.int().min(1).describe("Exact size of the file; at most 3 GiB."),
  }),
  output: z.object({
    upload: z.string().describe("The handle. Only the same user can import it."),
    url: z.string(),
    bytes: z.int(),
    expires_at: z.string().describe("ISO 8601."),
  }),
  annotations: { ...CHANGES, destructiveHint: false },
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 10 * SECOND },
  load: async () => (await import("./run.ts")).run,
});

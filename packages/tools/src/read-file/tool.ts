import { defineTool, SECOND } from "@zenode/core";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

export const readFile = defineTool({
  name: "read_file",
  title: "Read file",
  description:
    "Gives the text of a file as it is, whole, a range of lines or the end. One answer holds at most 63 KiB; when it stops early it says so, and which start_line goes on. Binary files are refused.",
  input,
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});

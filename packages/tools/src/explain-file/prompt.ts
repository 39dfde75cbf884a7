import { definePrompt, MAX_RESOURCE_BYTES, said, toFileUri, workspaceFiles } from "@zenode/core";
import { fileArgument, projectArgument } from "../project/prompt-arguments.ts";

/** A larger file would fill the model's context; it reads that one in parts. */
const EMBEDDED_BYTES = Math.min(MAX_RESOURCE_BYTES, 128 * 1024);

export const explainFile = definePrompt({
  name: "explain_file",
  title: "Explain a file",
  description: "Explains a file of a pushed project to somebody who has to change it.",
  arguments: { project: projectArgument, path: fileArgument },
  scope: "read",
  build: async ({ project = "", path = "" }, context) => {
    // At a cold start nothing needs it.
    const { toPath } = await import("../project/tool-path.ts");
    const address = { project, path: toPath(path) };
    const entry = await (await context.projects.open(project)).entry(address.path);
    const asked = `Explain ${address.path} of the project "${project}" to somebody who has to change it: what it is for, how it works, who uses it (search_files finds its callers), what must stay true, and what is likely to go wrong.`;
    if (entry.kind !== "file" || entry.bytes > EMBEDDED_BYTES) {
      return [said(`${asked} Read it with read_file first.`)];
    }
    const resource = await workspaceFiles.read(context, toFileUri(address));
    if ("blob" in resource) return [said(`${asked} It is no text.`)];
    return [{ role: "user", content: { type: "resource", resource } }, said(asked)];
  },
});

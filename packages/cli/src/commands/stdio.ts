import { statSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import {
  createInProcessCalls,
  type Principal,
  ToolRegistry,
  taskResults,
  workspaceFiles,
} from "@zenode/core";
import { serveStdio } from "@zenode/core/mcp";
import { FolderProjects, jsonLogger, openFolderComputer, systemClock } from "@zenode/node";
import { folderCatalogue, prompts } from "@zenode/tools";
import { defineCommand } from "citty";
import { CliError } from "../terminal/cli-error.ts";

export const stdio = defineCommand({
  meta: {
    name: "stdio",
    description:
      "Serve the tools on a local folder over standard input and output, without a cloud",
  },
  args: {
    folder: {
      type: "string",
      description: "The folder that is the project",
      valueHint: "DIR",
      default: ".",
    },
  },
  async run({ args }) {
    const folder = path.resolve(args.folder);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new CliError(`${folder} is no folder.`);
    const projects = await FolderProjects.of(folder);
    const ending = new AbortController();
    const report = (error: unknown) => jsonLogger.error("stdio", error);
    const registry = new ToolRegistry(folderCatalogue);
    const calls = createInProcessCalls({
      clock: systemClock,
      registry,
      projects: () => projects,
      computer: () => openFolderComputer(projects),
      report,
      signal: ending.signal,
    });
    const connection = serveStdio(
      {
        registry,
        prompts,
        resources: [workspaceFiles, taskResults(calls)],
        projects: () => projects,
        calls,
        clock: systemClock,
        serverInfo: { name: "zenode", version: "0.1.0", title: "zenode" },
        instructions: `Tools for the files of one local folder, the project ${projects.name}; they see it as it is now. They run no commands: your own shell is there for that.`,
        principal: localUser(),
        report,
      },
      { input: process.stdin, output: process.stdout },
    );
    // Standard output is the client's, and clients show standard error as errors: only a person is greeted.
    if (process.stdin.isTTY)
      console.error(
        `zenode: serving ${folder} as project ${projects.name}; an MCP client is to speak here. Ctrl-D ends it.`,
      );
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => connection.close());
    }
    await connection.closed;
    ending.abort();
  },
});

/** Whoever started the process may do what its tools can. */
function localUser(): Principal {
  const { username } = userInfo();
  return {
    tenant: "local",
    subject: username,
    username,
    clientId: "stdio",
    issuer: "local",
    scopes: new Set(["admin"]),
    expiresAt: Date.UTC(9999, 11, 31),
  };
}

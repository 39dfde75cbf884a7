import { complaintsIn, runScript } from "../command.ts";
import { clientScript } from "../install.ts";
import type { InteropClient, OpenClient, Target } from "../interop-client.ts";
import { ZENODE } from "../zenode.ts";

/** Nothing but the server under test is talked to. */
const ENV = { DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };

/** Claude Code registers the server and checks its health; calling tools would take a model. */
export const claudeCode: readonly InteropClient[] = [
  {
    name: "Claude Code",
    open: (target) =>
      openClaude(target, [
        ...["--transport", "http", "zenode", target.mcpUrl],
        ...["--header", `Authorization: Bearer ${target.token}`],
      ]),
  },
  {
    name: "Claude Code stdio",
    open: (target) =>
      openClaude(target, [
        "zenode",
        "--",
        process.execPath,
        ...[ZENODE, "stdio", "--folder", target.folder],
      ]),
  },
];

function openClaude(target: Target, place: readonly string[]): OpenClient {
  const complaints: string[] = [];
  const mcp = async (...words: string[]): Promise<string> => {
    const script = clientScript("@anthropic-ai/claude-code/cli-wrapper.cjs");
    const { stdout, stderr } = await runScript(script, ["mcp", ...words], { ...target, env: ENV });
    complaints.push(...complaintsIn(stderr));
    return stdout;
  };
  return {
    steps: {
      async connect() {
        await mcp("add", ...place);
        expectConnected(await mcp("list"));
        expectConnected(await mcp("get", "zenode"));
      },
    },
    complaints: () => complaints,
    close: async () => undefined,
  };
}

function expectConnected(text: string): void {
  if (!text.includes("✔ Connected")) throw new Error(`It says: ${text}`);
}

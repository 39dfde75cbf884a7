import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { complaintsIn, runProgram, runScript } from "../command.ts";
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
    name: "Claude Code sign-in",
    open: (target) =>
      openClaude(target, ["--transport", "http", ...SIGN_IN, "zenode", target.mcpUrl], signIn),
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

/** The public client that zenode registers, whose callback is exact (packages/cli/src/oauth/code-flow.ts). */
const SIGN_IN = ["--client-id", "zenode-cli", "--callback-port", "8976"];

const CLAUDE = clientScript("@anthropic-ai/claude-code/cli-wrapper.cjs");

type SignIn = (target: Target) => Promise<void>;

/** `claude mcp login` wants a terminal, which util-linux's script gives it, and opens a browser. */
const signIn: SignIn = async ({ home, user }) => {
  const browser = path.join(home, "browser");
  const program = path.join(import.meta.dirname, "../browser.ts");
  await writeFile(browser, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$1"\n`);
  await chmod(browser, 0o700);
  const env = {
    ...ENV,
    BROWSER: browser,
    ZENODE_USERNAME: user.username,
    ZENODE_PASSWORD: user.password,
  };
  const login = `'${process.execPath}' '${CLAUDE}' mcp login zenode`;
  const { stdout } = await runProgram("script", ["-qefc", login, "/dev/null"], { home, env });
  if (!stdout.includes("Authenticated")) throw new Error(`The sign-in says: ${stdout}`);
};

function openClaude(target: Target, place: readonly string[], login?: SignIn): OpenClient {
  const complaints: string[] = [];
  const mcp = async (...words: string[]): Promise<string> => {
    const { stdout, stderr } = await runScript(CLAUDE, ["mcp", ...words], { ...target, env: ENV });
    complaints.push(...complaintsIn(stderr));
    return stdout;
  };
  return {
    steps: {
      async connect() {
        await mcp("add", ...place);
        await login?.(target);
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

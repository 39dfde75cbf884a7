import { homedir } from "node:os";
import path from "node:path";
import { MINUTE } from "@zenode/core";
import { isRunning, readInstance } from "../local/instance.ts";
import { loadUsers } from "../local/users.ts";
import { CLI_CLIENT_ID } from "../oauth/cli-client.ts";
import { discover, refresh, type TokenSet } from "../oauth/code-flow.ts";
import { signInLocally } from "../oauth/hosted-sign-in.ts";
import { TokenCache } from "../oauth/token-cache.ts";
import { CliError } from "../terminal/cli-error.ts";
import type { CommonArgs } from "./arguments.ts";

/** An endpoint and the right to call it. */
export interface Target {
  readonly mcpUrl: string;
  readonly clientId: string;
  readonly tokens: TokenCache;
  /** Folder for what is remembered of synced folders. */
  readonly folders: string;
  /** Name the tokens are kept under. */
  readonly username: string;
  /** Signs in without asking, where that is possible. */
  readonly signIn: () => Promise<TokenSet>;
}

/** Tokens are renewed when they have less than this left. */
const MARGIN_MS = 5 * MINUTE;

/** @throws CliError that says how to start or name an instance. */
export function findTarget(args: CommonArgs): Target {
  return args.url === undefined ? findLocal(args) : findRemote(args, args.url);
}

function findLocal({ state, user }: CommonArgs): Target {
  const instance = readInstance(state);
  if (!instance || !isRunning(instance)) {
    throw new CliError(
      `No zenode runs with the state folder ${path.resolve(state)}. Start one with: npm start -- --state ${state}`,
    );
  }
  const { mcpUrl } = instance;
  const account = loadUsers(state).find(({ username }) => username === user);
  if (!account)
    throw new CliError(
      `There is no local user ${user}; the names stand in ${path.join(state, "users.json")}.`,
    );
  return {
    mcpUrl,
    clientId: CLI_CLIENT_ID,
    tokens: new TokenCache(path.join(state, "tokens")),
    folders: path.join(path.resolve(state), "folders"),
    username: user,
    signIn: async () => signInLocally(await discover(mcpUrl), CLI_CLIENT_ID, account),
  };
}

function findRemote(args: CommonArgs, url: string): Target {
  const mcpUrl = parseUrl(url);
  return {
    mcpUrl,
    clientId: args["client-id"] ?? CLI_CLIENT_ID,
    tokens: new TokenCache(path.join(homedir(), ".config", "zenode", "tokens")),
    folders: path.join(homedir(), ".config", "zenode", "folders"),
    username: "",
    signIn: () => {
      throw new CliError(`Sign in first: npx zenode login --url ${mcpUrl} --client-id ID`);
    },
  };
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (!url) throw new CliError(`${text} is no URL.`);
  const local = url.hostname === "127.0.0.1" || url.hostname === "localhost";
  if (url.protocol !== "https:" && !local) throw new CliError("A token is only sent over https.");
  return url.href;
}

/** A token that holds for the next minutes: the one kept, a refreshed one, or a new sign-in. */
export async function accessToken(target: Target): Promise<string> {
  const kept = target.tokens.read(target.mcpUrl, target.username);
  if (kept && kept.expiresAt - Date.now() > MARGIN_MS) return kept.accessToken;
  const renewed =
    (kept?.refreshToken && (await tryRefresh(target, kept.refreshToken))) ||
    (await target.signIn());
  target.tokens.write(target.mcpUrl, target.username, renewed);
  return renewed.accessToken;
}

/** Undefined when the refresh token is no longer taken: then a new sign-in is needed. */
async function tryRefresh(target: Target, refreshToken: string): Promise<TokenSet | undefined> {
  try {
    return await refresh(await discover(target.mcpUrl), target.clientId, refreshToken);
  } catch (cause) {
    if (cause instanceof CliError) return undefined;
    throw cause;
  }
}

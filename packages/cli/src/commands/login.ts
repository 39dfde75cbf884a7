import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { defineCommand } from "citty";
import { commonArgs } from "../connection/arguments.ts";
import { findTarget } from "../connection/target.ts";
import {
  CALLBACK,
  discover,
  newCodeRequest,
  readCallback,
  redeemCode,
} from "../oauth/code-flow.ts";
import { CliError } from "../terminal/cli-error.ts";

export const login = defineCommand({
  meta: { name: "login", description: "Sign in with a browser (authorization code with PKCE)" },
  args: commonArgs,
  async run({ args }) {
    const target = findTarget(args);
    const server = await discover(target.mcpUrl);
    const request = newCodeRequest(server, target.clientId);
    const waiting = await listenForCallback();
    try {
      console.error(`Open this address in a browser and sign in:\n\n  ${request.url}\n`);
      if (args.url === undefined)
        console.error(`Local users and passwords: ${args.state}/users.json\n`);
      const code = readCallback(await waiting.callback, request);
      target.tokens.write(
        target.mcpUrl,
        target.username,
        await redeemCode(server, target.clientId, request, code),
      );
      console.log(
        args.json
          ? JSON.stringify({ url: target.mcpUrl, signedIn: true })
          : `Signed in at ${target.mcpUrl}.`,
      );
    } finally {
      waiting.server.closeAllConnections();
      waiting.server.close();
    }
  },
});

async function listenForCallback(): Promise<{ server: Server; callback: Promise<URL> }> {
  const { promise, resolve } = Promise.withResolvers<URL>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", CALLBACK);
    if (url.pathname !== CALLBACK.pathname) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", connection: "close" });
    response.end(
      "<!doctype html><title>zenode</title><p>You can close this window and go back to the terminal.</p>",
    );
    return resolve(url);
  });
  server.listen(Number(CALLBACK.port), "127.0.0.1");
  await once(server, "listening").catch((cause: unknown) => {
    throw new CliError(
      `Port ${CALLBACK.port} is taken; sign-in needs it for a moment. Close what uses it and try again.`,
      { cause },
    );
  });
  return { server, callback: promise };
}

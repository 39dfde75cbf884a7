import { defineCommand } from "citty";
import { commonArgs } from "../connection/arguments.ts";
import { accessToken, findTarget } from "../connection/target.ts";

export const token = defineCommand({
  meta: {
    name: "token",
    description: "Print a bearer token for the local user (or the one signed in at --url)",
  },
  args: commonArgs,
  async run({ args }) {
    const target = findTarget(args);
    const bearer = await accessToken(target);
    const { expiresAt } = target.tokens.read(target.mcpUrl, target.username) ?? {};
    console.log(
      args.json ? JSON.stringify({ url: target.mcpUrl, token: bearer, expiresAt }) : bearer,
    );
  },
});

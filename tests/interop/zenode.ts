import path from "node:path";

/** The command a user types, as a script. */
export const ZENODE = path.resolve(import.meta.dirname, "../../packages/cli/bin/zenode.mjs");

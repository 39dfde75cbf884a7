import type { Context } from "aws-lambda";
import { composeCollect, logger } from "../compose.ts";
import { readCollectConfig } from "../config.ts";

const collect = composeCollect(readCollectConfig(process.env));

/** Kept free for what was begun. */
const LAST_MS = 3 * 60_000;

/** On a schedule: removes what no snapshot names any more; see docs/design/workspace.md, "Collecting". */
export const handler = async (_: unknown, context: Context): Promise<void> => {
  const until = Date.now() + context.getRemainingTimeInMillis() - LAST_MS;
  logger.info("collected", { ...(await collect(until)) });
};

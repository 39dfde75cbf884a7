import { composeCollect, logger } from "../collect/compose.ts";
import { readCollectConfig } from "../config.ts";

const collect = composeCollect(readCollectConfig(process.env));

/** Of the function's 15 minutes (stacks/shape.ts); the rest is kept free for what was begun. */
const WORK_MS = 12 * 60_000;

/** On a schedule: removes what no snapshot names any more; see docs/design/workspace.md, "Collecting". */
export const handler = async (): Promise<void> => {
  logger.info("collected", { ...(await collect(Date.now() + WORK_MS)) });
};

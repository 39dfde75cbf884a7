import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { composeWatch, logger } from "../compose.ts";
import { readReaperConfig } from "../config.ts";
import { handleWakeups } from "../events/wakeup-messages.ts";

const look = composeWatch(readReaperConfig(process.env));

/** Messages that look after jobs; see docs/design/launch.md, "Queue". */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> =>
  handleWakeups(event, look, (cause, messageId) =>
    logger.error("wakeup failed", cause, { messageId }),
  );

import middy from "@middy/core";
import { executionModeStreamifyResponse } from "@middy/core/StreamifyResponse";
import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import { compose } from "../compose.ts";
import { readConfig } from "../config.ts";
import { toRequest } from "../http/rest-event.ts";
import { toStreamedResult } from "../http/streamed-result.ts";

const config = readConfig(process.env);
const app = compose(config);

/** The mcp Lambda: an API Gateway event in, a streamed response out. */
export const handler = middy({ executionMode: executionModeStreamifyResponse }).handler(
  async (event: APIGatewayProxyEvent, context: Context) => {
    const deadline = Date.now() + context.getRemainingTimeInMillis();
    return toStreamedResult(await app(toRequest(event, config.publicUrl), deadline));
  },
);

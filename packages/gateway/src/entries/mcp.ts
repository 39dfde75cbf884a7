import { compose } from "../compose.ts";
import { readConfig } from "../config.ts";
import { streamed } from "../http/lambda.ts";

const config = readConfig(process.env);

/** The mcp Lambda: an API Gateway event in, a streamed response out. */
export const handler = streamed(compose(config), config.publicUrl);

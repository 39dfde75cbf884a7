import { readOAuthConfig } from "../config.ts";
import { streamed } from "../http/lambda.ts";
import { composeOAuth } from "../oauth/compose.ts";

const config = readOAuthConfig(process.env);

/** The oauth Lambda: an API Gateway event in, a response out. */
export const handler = streamed(composeOAuth(config), config.publicUrl);

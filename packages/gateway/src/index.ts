export { compose, type Extension } from "./compose.ts";
export { readConfig } from "./config.ts";
export { streamed } from "./http/lambda.ts";

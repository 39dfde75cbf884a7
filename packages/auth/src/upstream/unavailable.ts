import { PlatformError } from "@zenode/core";

/** Whether something that is asked (the table, Cognito, a client's document) does not answer now, and may later. */
export function isUnavailable(cause: unknown): cause is PlatformError {
  return cause instanceof PlatformError && cause.code === "unavailable";
}

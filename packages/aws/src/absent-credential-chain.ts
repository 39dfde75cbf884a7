import { UnavailableError } from "@zenode/core";

/**
 * Stands in for `@aws-sdk/credential-provider-node` in Lambda bundles (esbuild `alias`): Lambda sets
 * credentials in the environment, and the default chain with its SSO, STS and profile clients is
 * the heaviest part of an SDK client. Not for the worker, whose credentials come from the container.
 */
export function defaultProvider(): () => Promise<never> {
  return () =>
    Promise.reject(
      new UnavailableError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set."),
    );
}

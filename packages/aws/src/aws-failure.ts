import { ConflictError, type PlatformError, RefusedError, UnavailableError } from "@zenode/core";

/** What is read of an exception of the SDK; which class it is does not matter. */
interface AwsException {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether the exception has this name: SDK exceptions are told apart by name, several bundles may hold their classes. */
export function isAwsException(cause: unknown, ...names: readonly string[]): cause is AwsException {
  return cause instanceof Error && names.includes(cause.name);
}

/** HTTP status of an exception; undefined when no answer came. */
export function statusOf(cause: unknown): number | undefined {
  return cause instanceof Error ? (cause as AwsException).$metadata?.httpStatusCode : undefined;
}

const CONFLICTS = [
  "TransactionConflictException",
  "IdempotentParameterMismatchException",
  "ConditionalRequestConflict",
  "OperationAborted",
];

/**
 * The platform's error for an AWS exception, which stays its cause: so no other package knows AWS's
 * names. Conditions that were not met are values, not errors, and never come here.
 */
export function toPlatformError(service: string, operation: string, cause: unknown): PlatformError {
  if (isAwsException(cause, ...CONFLICTS)) {
    return new ConflictError(`${service} ${operation} met another write to the same data.`, {
      cause,
    });
  }
  if (isAwsException(cause, "ValidationException") && /item size/i.test(cause.message)) {
    const message = "This is larger than what can be stored in one item (400 KB). Make it smaller.";
    return new RefusedError("too_large", message, { cause });
  }
  const name = cause instanceof Error ? cause.name : "unknown";
  return new UnavailableError(`${service} did not carry out ${operation} (${name}).`, { cause });
}

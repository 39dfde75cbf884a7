/**
 * Platform failures. `code` is stable and goes to logs and wires; the message is for the person who
 * reads it and says what to do. Expected refusals are values where a caller decides on them.
 */
export abstract class PlatformError extends Error {
  abstract readonly code: string;
}

/** A caller asked for something that can't be done; the text says why and what would work. */
export class RefusedError extends PlatformError {
  override readonly name = "RefusedError";
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const REFUSAL_CODES = [
  "invalid_path",
  "not_found",
  "not_a_file",
  "not_a_directory",
  "too_large",
  "invalid_input",
  "conflict",
  "forbidden",
  "expired",
  "too_many_jobs",
  "cannot_ask",
  "declined",
  "corrupt",
  "unavailable",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A conditional write lost: somebody else moved the state first. Read again, then decide. */
export class ConflictError extends PlatformError {
  override readonly name = "ConflictError";
  readonly code = "conflict";
}

/** A dependency (DynamoDB, S3, ECS) can't serve now; the same call may work later. */
export class UnavailableError extends PlatformError {
  override readonly name = "UnavailableError";
  readonly code = "unavailable";
}

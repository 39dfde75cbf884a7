/** Structured lines for whoever operates zenode; nothing of it reaches a caller. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  /** `cause` is written with its stack and its own cause. */
  error(message: string, cause: unknown, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

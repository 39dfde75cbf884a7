import type { LogFields, Logger } from "@zenode/core";

/** One line of JSON each, as CloudWatch Logs takes them: standard output, errors to standard error. */
export const jsonLogger: Logger = {
  info: (message, fields) => write(process.stdout, { level: "info", message, fields }),
  error: (message, cause, fields) =>
    write(process.stderr, {
      level: "error",
      message,
      fields: { ...fields, error: describe(cause) },
    }),
};

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

function write(stream: NodeJS.WriteStream, { level, message, fields }: Line): void {
  const time = new Date().toISOString();
  stream.write(`${JSON.stringify({ level, time, message, ...fields })}\n`);
}

function describe(cause: unknown): unknown {
  if (!(cause instanceof Error)) return String(cause);
  const { name, message, stack } = cause;
  return {
    name,
    message,
    stack,
    ...(cause.cause !== undefined && { cause: describe(cause.cause) }),
  };
}

/** One structured line for CloudWatch: JSON on standard output or error. */
function write(
  stream: NodeJS.WriteStream,
  level: string,
  message: string,
  fields: Record<string, unknown>,
): void {
  stream.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`,
  );
}

export function logInfo(message: string, fields: Record<string, unknown> = {}): void {
  write(process.stdout, "info", message, fields);
}

export function logError(
  message: string,
  cause: unknown,
  fields: Record<string, unknown> = {},
): void {
  const error =
    cause instanceof Error
      ? {
          name: cause.name,
          message: cause.message,
          stack: cause.stack,
          cause: String(cause.cause ?? ""),
        }
      : { message: String(cause) };
  write(process.stderr, "error", message, { ...fields, error });
}

/** What a function failed with, by itself or by the word of Lambda. */
export interface FunctionError {
  readonly type: string;
  readonly message: string;
}

export const NO_ERROR_BODY: FunctionError = { type: "Error", message: "" };

export function timedOut(requestId: string, seconds: number): FunctionError {
  const limit = `Task timed out after ${seconds.toFixed(2)} seconds`;
  return { type: "Sandbox.Timedout", message: `RequestId: ${requestId} Error: ${limit}` };
}

/** The runtime process ended though it should not have. */
export function exited(
  requestId: string,
  exit: { code: number | null; signal: NodeJS.Signals | null },
): FunctionError {
  return {
    type: "Runtime.ExitError",
    message: `RequestId: ${requestId} Error: ${exitReason(exit)}`,
  };
}

const SIGNAL_WORDS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

function exitReason(exit: { code: number | null; signal: NodeJS.Signals | null }): string {
  if (exit.signal !== null) {
    return `Runtime exited with error: signal: ${SIGNAL_WORDS[exit.signal] ?? exit.signal}`;
  }
  if (exit.code === 0) return "Runtime exited without providing a reason";
  return `Runtime exited with error: exit status ${exit.code}`;
}

/** The body of an error post: `{errorType, errorMessage, trace}`. */
export function parseFunctionError(body: string): FunctionError {
  const parsed: unknown = JSON.parse(body === "" ? "{}" : body);
  const { errorType, errorMessage } = (parsed ?? {}) as Record<string, unknown>;
  return {
    type: typeof errorType === "string" ? errorType : NO_ERROR_BODY.type,
    message: typeof errorMessage === "string" ? errorMessage : NO_ERROR_BODY.message,
  };
}

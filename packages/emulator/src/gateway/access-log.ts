/** One line of the access log, written when the response is over. */
export interface AccessLogEntry {
  /** ISO 8601, when the request came. */
  readonly time: string;
  readonly requestId: string;
  readonly method: string;
  /** With the stage, without the query. */
  readonly path: string;
  /** Absent when no route matched. */
  readonly resourcePath?: string;
  readonly functionName?: string;
  /** 0 when the answer was lost before its status. */
  readonly status: number;
  /** Whole duration. */
  readonly ms: number;
  /** From the invocation to the response's start; absent when no function was invoked. */
  readonly integrationMs?: number;
  /** Body bytes sent. */
  readonly bytes: number;
  /** False when the connection ended before the response did. */
  readonly complete: boolean;
  readonly sourceIp: string;
  readonly userAgent?: string;
  /** Why the gateway refused or cut the response. */
  readonly error?: string;
}

export type AccessLog = (entry: AccessLogEntry) => void;

/** The errors answered without asking the engine: status, type and message as DynamoDB writes them. */
const ERRORS = {
  throttle: [
    400,
    "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
  ],
  internal: [
    500,
    "com.amazonaws.dynamodb.v20120810#InternalServerError",
    "The request processing has failed because of an unknown error, exception or failure.",
  ],
  unsigned: [
    400,
    "com.amazon.coral.service#MissingAuthenticationTokenException",
    "Request is missing Authentication Token",
  ],
  tooLarge: [
    413,
    "com.amazon.coral.service#RequestEntityTooLargeException",
    "Request is too large",
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function errorAnswer(kind: keyof typeof ERRORS): Answer {
  const [status, type, message] = ERRORS[kind];
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: Buffer.from(JSON.stringify({ __type: type, message })),
  };
}

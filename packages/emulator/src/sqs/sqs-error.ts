interface ErrorShape {
  readonly status: number;
  /** `__type` on the wire. */
  readonly type: string;
  /** Of the query protocol, in `x-amzn-query-error`; also the code of a failed batch entry. */
  readonly queryCode: string;
  readonly message: string;
}

const sqs = (status: number, name: string, queryCode: string, message: string): ErrorShape => {
  return { status, type: `com.amazonaws.sqs#${name}`, queryCode, message };
};
const coral = (status: number, name: string, queryCode: string, message: string): ErrorShape => {
  return { status, type: `com.amazon.coral.service#${name}`, queryCode, message };
};
const named = (name: string, message: string): ErrorShape =>
  sqs(400, name, `AWS.SimpleQueueService.${name}`, message);

/** Errors as SQS writes them (SQS API Reference, the actions' "Errors" and "Common Error Types"). */
const ERRORS = {
  AccessDenied: coral(
    403,
    "AccessDeniedException",
    "AccessDenied",
    "Access to the resource is denied.",
  ),
  BatchEntryIdsNotDistinct: named("BatchEntryIdsNotDistinct", "Id repeated."),
  BatchRequestTooLong: named("BatchRequestTooLong", "The batch is too long."),
  EmptyBatchRequest: named(
    "EmptyBatchRequest",
    "There should be at least one entry in the request.",
  ),
  InternalError: coral(
    500,
    "InternalFailure",
    "InternalFailure",
    "The request processing has failed because of an unknown error, exception or failure.",
  ),
  InvalidAttributeName: sqs(
    400,
    "InvalidAttributeName",
    "InvalidAttributeName",
    "Unknown Attribute.",
  ),
  InvalidBatchEntryId: named(
    "InvalidBatchEntryId",
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
  ),
  InvalidClientTokenId: coral(
    403,
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
  ),
  InvalidMessageContents: sqs(
    400,
    "InvalidMessageContents",
    "InvalidMessageContents",
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
  ),
  InvalidParameterValue: coral(
    400,
    "InvalidParameterValueException",
    "InvalidParameterValue",
    "One or more parameters are invalid.",
  ),
  MalformedInput: coral(
    400,
    "SerializationException",
    "MalformedInput",
    "The request could not be read.",
  ),
  MessageNotInflight: named("MessageNotInflight", "The specified message isn't in flight."),
  MissingParameter: coral(
    400,
    "MissingRequiredParameterException",
    "MissingParameter",
    "A required parameter is missing.",
  ),
  OverLimit: sqs(403, "OverLimit", "OverLimit", "Too many messages in flight."),
  PurgeQueueInProgress: sqs(
    403,
    "PurgeQueueInProgress",
    "AWS.SimpleQueueService.PurgeQueueInProgress",
    "Only one PurgeQueue operation is allowed every 60 seconds.",
  ),
  QueueDoesNotExist: sqs(
    400,
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "The specified queue does not exist.",
  ),
  ReceiptHandleIsInvalid: sqs(
    404,
    "ReceiptHandleIsInvalid",
    "ReceiptHandleIsInvalid",
    "The specified receipt handle isn't valid.",
  ),
  RequestThrottled: sqs(403, "RequestThrottled", "RequestThrottled", "Request is throttled."),
  SignatureDoesNotMatch: coral(
    403,
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
  ),
  TooManyEntriesInBatchRequest: named(
    "TooManyEntriesInBatchRequest",
    "Maximum number of entries per request are 10.",
  ),
  UnknownOperation: coral(
    400,
    "UnknownOperationException",
    "InvalidAction",
    "The action or operation requested is invalid.",
  ),
  UnsupportedOperation: named("UnsupportedOperation", "The local cloud has no such operation."),
} as const satisfies Record<string, ErrorShape>;

/** An error SQS answers with. */
export class SqsError extends Error {
  override readonly name = "SqsError";
  readonly code: keyof typeof ERRORS;

  constructor(code: keyof typeof ERRORS, message: string = ERRORS[code].message) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get type(): string {
    return ERRORS[this.code].type;
  }

  get queryCode(): string {
    return ERRORS[this.code].queryCode;
  }

  /** Whether the caller is at fault. */
  get byCaller(): boolean {
    return this.status < 500;
  }
}

/** `reason` ends with its full stop. */
export function invalidParameter(name: string, value: unknown, reason: string): SqsError {
  const message = `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`;
  return new SqsError("InvalidParameterValue", message);
}

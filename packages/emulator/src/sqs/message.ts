/** A user's attribute as it is on the wire; a binary value is base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a message carries besides its body; it never changes. */
export interface MessageDetail {
  readonly md5OfBody: string;
  readonly senderId: string;
  readonly attributes: MessageAttributes;
  readonly messageGroupId?: string;
  readonly awsTraceHeader?: string;
}

export interface NewMessage {
  readonly id: string;
  readonly body: string;
  readonly detail: MessageDetail;
  readonly delaySeconds: number;
}

/** A message as it is handed out. Times are epoch milliseconds. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  readonly detail: MessageDetail;
  readonly receiptHandle: string;
  readonly sentMs: number;
  readonly firstReceivedMs: number;
  /** This receive included; in all queues the message has been in. */
  readonly receives: number;
  /** ARN of the queue it failed in. */
  readonly deadLetterSource?: string;
}

import { SqsError } from "./sqs-error.ts";

/** One handing out of one message of one queue. */
export interface Receipt {
  readonly queue: string;
  readonly seq: number;
  readonly receives: number;
}

export function toReceiptHandle({ queue, seq, receives }: Receipt): string {
  return Buffer.from(`${queue}/${seq}/${receives}`).toString("base64url");
}

/** @throws SqsError ReceiptHandleIsInvalid for what was never a handle of this queue */
export function parseReceiptHandle(handle: string, queue: string): Receipt {
  const text = Buffer.from(handle, "base64url").toString();
  const [, name, seq, receives] = /^([\w-]+)\/(\d{1,15})\/(\d{1,9})$/.exec(text) ?? [];
  if (name === queue) return { queue, seq: Number(seq), receives: Number(receives) };
  const message = `The input receipt handle "${handle}" is not a valid receipt handle.`;
  throw new SqsError("ReceiptHandleIsInvalid", message);
}

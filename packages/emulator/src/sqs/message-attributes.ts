import { createHash } from "node:crypto";
import { type Fields, optionalText, toFields } from "./fields.ts";
import type { MessageAttribute, MessageAttributes } from "./message.ts";
import { invalidParameter, SqsError } from "./sqs-error.ts";

/** Rules: SQS Developer Guide, "Amazon SQS message metadata". */
const MAX_ATTRIBUTES = 10;
const NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(?:String|Number|Binary)(?:\..+)?$/;
const MAX_DATA_TYPE_LENGTH = 256;

/** @throws SqsError InvalidParameterValue, MalformedInput */
export function parseAttributes(value: unknown): MessageAttributes {
  const fields = toFields(value ?? {});
  const names = Object.keys(fields);
  if (names.length > MAX_ATTRIBUTES) {
    const message = `Number of message attributes [${names.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`;
    throw new SqsError("InvalidParameterValue", message);
  }
  return Object.fromEntries(names.map((name) => [name, parseAttribute(name, fields[name])]));
}

function parseAttribute(name: string, value: unknown): MessageAttribute {
  if (!NAME.test(name)) {
    throw invalidParameter("MessageAttributeName", name, "The message attribute name is invalid.");
  }
  const fields = toFields(value);
  const type = optionalText(fields, "DataType") ?? "";
  if (!DATA_TYPE.test(type) || type.length > MAX_DATA_TYPE_LENGTH) {
    const reason = `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`;
    throw new SqsError("InvalidParameterValue", reason);
  }
  const held = type.startsWith("Binary") ? "BinaryValue" : "StringValue";
  const content = optionalText(fields, held) ?? "";
  if (content === "" || (type.startsWith("Number") && !Number.isFinite(Number(content)))) {
    const reason = `The message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`;
    throw new SqsError("InvalidParameterValue", reason);
  }
  return { DataType: type, [held]: content };
}

/** Bytes that count towards the size of the message: names, types and values. */
export function attributeBytes(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (sum, [name, attribute]) =>
      sum + Buffer.byteLength(name + attribute.DataType) + bytesOf(attribute).length,
    0,
  );
}

/** MD5 of the attributes ("Calculating the MD5 message digest for message attributes"); undefined for none. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer) => hash.update(lengthOf(bytes)).update(bytes);
  for (const name of names) {
    const attribute = attributes[name] as MessageAttribute;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    hash.update(Buffer.from([attribute.BinaryValue === undefined ? 1 : 2]));
    add(bytesOf(attribute));
  }
  return hash.digest("hex");
}

/** Those asked for by name, by `prefix.*`, or by `All` or `.*`. */
export function selectAttributes(
  attributes: MessageAttributes,
  wanted: readonly string[],
): MessageAttributes {
  const matches = (name: string) =>
    wanted.some(
      (each) =>
        each === "All" ||
        each === name ||
        (each.endsWith(".*") && name.startsWith(each.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => matches(name)));
}

/** The one attribute of the system's that a sender may set. @throws SqsError */
export function parseTraceHeader(fields: Fields): string | undefined {
  const system = toFields(fields.MessageSystemAttributes ?? {});
  for (const name of Object.keys(system)) {
    if (name === "AWSTraceHeader") continue;
    throw new SqsError(
      "InvalidParameterValue",
      `Message system attribute name '${name}' is invalid.`,
    );
  }
  if (system.AWSTraceHeader === undefined) return undefined;
  return parseAttribute("AWSTraceHeader", system.AWSTraceHeader).StringValue;
}

function bytesOf(attribute: MessageAttribute): Buffer {
  const { StringValue, BinaryValue = "" } = attribute;
  return StringValue === undefined ? Buffer.from(BinaryValue, "base64") : Buffer.from(StringValue);
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}

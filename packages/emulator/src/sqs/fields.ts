import { invalidParameter, SqsError } from "./sqs-error.ts";

/** The body of a request or an entry of its batch: JSON that nobody has looked into. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws SqsError MalformedInput */
export function toFields(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new SqsError("MalformedInput", "Start of structure or map found where not expected.");
}

/** @throws SqsError MalformedInput */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw new SqsError("MalformedInput", `${name} is no string.`);
}

/** @throws SqsError MissingParameter, MalformedInput */
export function requiredText(fields: Fields, name: string): string {
  const value = optionalText(fields, name);
  if (value) return value;
  throw missing(name);
}

export function missing(name: string): SqsError {
  return new SqsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

/** @throws SqsError InvalidParameterValue with `reason` when it is out of range, MalformedInput */
export function optionalInteger(
  fields: Fields,
  name: string,
  { from, to, reason }: { from: number; to: number; reason: string },
): number | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new SqsError("MalformedInput", `${name} is no integer.`);
  }
  if (value < from || value > to) throw invalidParameter(name, value, reason);
  return value;
}

/** Absent: empty. @throws SqsError MalformedInput */
export function textList(fields: Fields, name: string): string[] {
  return list(fields, name).map((each) => {
    if (typeof each === "string") return each;
    throw new SqsError("MalformedInput", `${name} has a member that is no string.`);
  });
}

/** Absent: empty. @throws SqsError MalformedInput */
export function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name] ?? [];
  if (Array.isArray(value)) return value;
  throw new SqsError("MalformedInput", `${name} is no list.`);
}

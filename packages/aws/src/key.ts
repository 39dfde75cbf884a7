import { RefusedError } from "@zenode/core";

/** Key of an item in the one table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

const TENANT = /^[a-z0-9-]{1,64}$/;
const PROJECT = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Bytes of an escaped name; DynamoDB takes partition keys of 2,048 bytes. */
const NAME_BYTES = 1024;
/** Digits of a sort key that is a number: 10^12 events a stream. */
const DIGITS = 12;

/**
 * Every partition key starts with `T#<tenant>#`, which IAM's dynamodb:LeadingKeys compares with the
 * caller's tenant tag; a tenant's name has no `#`, so no other tenant's key can start so.
 */
export function partition(tenant: string, kind: PartitionKind, name?: string): string {
  checkTenant(tenant);
  if (name === undefined) return `T#${tenant}#${kind}`;
  return `T#${tenant}#${kind}#${escapeName(name)}`;
}

/**
 * Of what belongs to no tenant yet, for the functions that sign people in alone: `O#<kind>#<name>`, which no tenant's key
 * can be.
 */
export function signInPartition(kind: SignInKind, name: string): string {
  return `O#${kind}#${escapeName(name)}`;
}

/** A who is away, C code, D client's metadata document, F family of refresh tokens, N number of registrations, R registered client. */
export type SignInKind = "A" | "C" | "D" | "F" | "N" | "R";

/** Different names stay different; `#` may stay, because nothing follows a name. */
function escapeName(name: string): string {
  const escaped = name
    .toWellFormed()
    .replaceAll(/[^\x21-\x24\x26-\x7e]+/g, (text) => encodeURIComponent(text));
  if (escaped !== "" && escaped.length <= NAME_BYTES) return escaped;
  throw new RefusedError("invalid_input", "A name in a key must have 1 to 1,024 bytes.");
}

/** B bytes stored, J job, C call, H placement history, K a job's children, L log, S session, P projects, Q a tenant's queue, U a user, W warm workers. */
export type PartitionKind = "B" | "J" | "C" | "H" | "K" | "L" | "S" | "P" | "Q" | "U" | "W";

/** A number as a sort key, in numeric order. */
export function numberKey(number: number): string {
  if (!Number.isSafeInteger(number) || number < 0 || number >= 10 ** DIGITS) {
    throw new RefusedError("invalid_input", `${number} can't be a number in a sequence.`);
  }
  return String(number).padStart(DIGITS, "0");
}

export function checkTenant(tenant: string): string {
  return checked("tenant", TENANT, tenant);
}

export function checkProject(project: string): string {
  return checked("project", PROJECT, project);
}

/** @throws RefusedError `invalid_input`: nothing that could leave its place in a key gets into one. */
export function checked(what: string, pattern: RegExp, text: string): string {
  if (pattern.test(text)) return text;
  throw new RefusedError(
    "invalid_input",
    `${JSON.stringify(text.slice(0, 80))} is no valid ${what}.`,
  );
}

/** Epoch seconds for DynamoDB's TTL, never before the moment itself. */
export function toTtl(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

import { isId } from "../lib/id.ts";
import type { JobId } from "./job.ts";

export const RESULT_PREFIX = "zenode-result://";
/** RFC 6570. */
export const RESULT_TEMPLATE = `${RESULT_PREFIX}{task}/{part}`;

export interface PartAddress {
  readonly id: JobId;
  readonly part: number;
}

export function toResultUri({ id, part }: PartAddress): string {
  return `${RESULT_PREFIX}${id}/${part}`;
}

/** Undefined for what can't be the address of a part. */
export function parseResultUri(uri: string): PartAddress | undefined {
  const [, id = "", part = ""] =
    /^zenode-result:\/\/(task_[0-9a-f]{32})\/(\d{1,3})$/.exec(uri) ?? [];
  return isId("task", id) ? { id, part: Number(part) } : undefined;
}

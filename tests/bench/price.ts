import type { Consumption } from "./consumption.ts";

/** US dollars a million, us-east-1, on demand (AWS price lists, read 2026-11-22). */
export const PER_MILLION = {
  rru: 0.125,
  wru: 0.625,
  s3Writes: 5,
  s3Reads: 0.4,
  mcpCalls: 0.2,
} as const satisfies Partial<Record<keyof Consumption, number>>;

/** Lambda on arm64, the first tier (same source). */
export const dollarsPerGbSecond = 0.0000133334;

/** Dollars for a million operations like this one, by requests alone: without GB-seconds, vCPU-seconds and the gateway. */
export function dollarsPerMillion(consumption: Consumption): number {
  return Object.entries(PER_MILLION).reduce(
    (sum, [name, price]) => sum + consumption[name as keyof typeof PER_MILLION] * price,
    0,
  );
}

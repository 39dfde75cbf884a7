import type { JWTPayload } from "jose";

/**
 * Claims as a REST API's Cognito authorizer passes them: every value a string, a list joined by
 * commas, and `exp` and `iat` as Java prints a date (`Thu Nov 09 20:18:43 UTC 2017`), not as numbers.
 */
export function toAuthorizerClaims(payload: JWTPayload): Record<string, string> {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [name, claimText(name, value)]),
  );
}

function claimText(name: string, value: unknown): string {
  if ((name === "exp" || name === "iat") && typeof value === "number") return javaDate(value);
  if (Array.isArray(value)) return value.map(String).join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function javaDate(epochSeconds: number): string {
  // `Thu, 09 Nov 2017 20:18:43 GMT`
  const [weekday = "", day, month, year, time] = new Date(epochSeconds * 1_000)
    .toUTCString()
    .split(" ");
  return `${weekday.slice(0, 3)} ${month} ${day} ${time} UTC ${year}`;
}

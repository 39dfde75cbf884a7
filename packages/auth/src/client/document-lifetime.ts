import { DAY, MINUTE, SECOND } from "@zenode/core";

/** However short-lived a document says it is, its host is not asked with every request. */
const LEAST_MS = 5 * MINUTE;
/** What a client takes back, such as a redirect URI, is gone after this (SEP-991). */
const MOST_MS = DAY;
const NOT_FOR_SHARED_CACHES = /^(?:no-store|no-cache|private)(?:=|$)/;

/** How long a document counts, in milliseconds: 5 minutes to 24 hours, as its Cache-Control header says (RFC 9111 section 5.2.2). */
export function documentLifetime(cacheControl = ""): number {
  const directives = cacheControl
    .toLowerCase()
    .split(",")
    .map((directive) => directive.trim());
  if (directives.some((directive) => NOT_FOR_SHARED_CACHES.test(directive))) return LEAST_MS;
  const seconds = secondsOf("s-maxage", directives) ?? secondsOf("max-age", directives) ?? 0;
  return Math.min(Math.max(seconds * SECOND, LEAST_MS), MOST_MS);
}

/** Of several, the least. */
function secondsOf(name: string, directives: readonly string[]): number | undefined {
  const pattern = new RegExp(`^${name}="?(\\d+)"?$`);
  const said = directives.flatMap((directive) => pattern.exec(directive)?.[1] ?? []).map(Number);
  return said.length > 0 ? Math.min(...said) : undefined;
}

import * as fc from "fast-check";
import { type FuzzRequest, PLACES } from "./fuzz-request.ts";
import { anyBody, type FuzzMessage, LEGACY, MODERN } from "./messages.ts";

/** Text that HTTP lets stand in a header, whatever it means. */
const headerText = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code < 0x7f || code > 0xa0)
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  })
  .map((value) => value.trim());

const sessionId = fc.oneof(
  { weight: 6, arbitrary: fc.constant(PLACES.session) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(PLACES.foreignSession, "", "../..", "null", "0".repeat(2_000)),
  },
  { weight: 1, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: headerText },
);

const eventId = fc.oneof(
  { weight: 3, arbitrary: fc.constant(PLACES.event) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom("0123456789ab", "{event-stream}", "0123456789AB", ""),
        fc.constantFrom("0", "1", "-1", "999999999", "1e3", "01", "9999999999999999999", ""),
      )
      .map((parts) => parts.join(".")),
  },
  { weight: 1, arbitrary: headerText },
);

const version = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(MODERN, ...LEGACY) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("2024-11-05", "1999-01-01", "", "draft", "2025-11-25, 2025-06-18"),
  },
  { weight: 1, arbitrary: headerText },
);

const accept = fc.oneof(
  { weight: 6, arbitrary: fc.constant("application/json, text/event-stream") },
  { weight: 1, arbitrary: fc.constantFrom("*/*", "text/event-stream", "application/json", "") },
  { weight: 1, arbitrary: headerText },
);

const contentType = fc.oneof(
  { weight: 12, arbitrary: fc.constant("application/json") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "application/json; charset=utf-16",
      "text/plain",
      "APPLICATION/JSON",
      "",
    ),
  },
  { weight: 1, arbitrary: headerText },
);

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

type Headers = Readonly<Record<string, string | undefined>>;

/** The headers of a good request of the era, with one or another of them replaced or gone. */
const changes = fc.record(
  {
    accept,
    "content-type": contentType,
    "mcp-protocol-version": version,
    "mcp-session-id": sessionId,
    "mcp-method": headerText,
    "mcp-name": fc.oneof(headerText, fc.constantFrom("=?base64?***?=", "=?base64?d2hvYW1p?=")),
    "mcp-param-region": fc.oneof(headerText, fc.constantFrom("eu", "=?base64?***?=")),
    "last-event-id": eventId,
    origin: fc.constantFrom("null", "https://evil.example", "http://127.0.0.1", ""),
  },
  { requiredKeys: [] },
);

const someChanges: fc.Arbitrary<Headers> = fc
  .tuple(rarely(changes), rarely(changes))
  .map(([one, two]) => ({ ...one, ...(two && Object.keys(two).length < 3 ? two : {}) }));

/** A name that fits into a header; others are sent encoded. */
function toHeader(value: string): string {
  return /^[\x21-\x7e]+$/.test(value)
    ? value
    : `=?base64?${Buffer.from(value).toString("base64")}?=`;
}

function modernHeaders(about: FuzzMessage | undefined): Headers {
  return {
    "mcp-protocol-version": MODERN,
    ...(about && { "mcp-method": toHeader(about.method) }),
    ...(about?.name !== undefined && { "mcp-name": toHeader(about.name) }),
    ...(about?.name === "test_x_mcp_header" && { "mcp-param-region": "eu" }),
  };
}

const LEGACY_HEADERS: Headers = {
  "mcp-session-id": PLACES.session,
  "mcp-protocol-version": LEGACY[0],
};

const COMMON: Headers = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

function request(method: FuzzRequest["method"], headers: Headers, body?: string): FuzzRequest {
  const sent = Object.entries(headers).filter(([, value]) => value !== undefined && value !== "");
  return {
    method,
    headers: Object.fromEntries(sent) as Record<string, string>,
    ...(body !== undefined && { body }),
  };
}

const posts = (era: "modern" | "legacy") =>
  fc.tuple(anyBody(era), someChanges).map(([{ text, about }, changed]) => {
    const own = era === "modern" ? modernHeaders(about) : LEGACY_HEADERS;
    return request("POST", { ...COMMON, ...own, ...changed }, text);
  });

const gets = fc.tuple(fc.option(eventId, { nil: undefined }), someChanges).map(([id, changed]) =>
  request("GET", {
    accept: "text/event-stream",
    ...LEGACY_HEADERS,
    "last-event-id": id,
    ...changed,
  }),
);

const deletes = fc
  .tuple(fc.option(sessionId, { nil: undefined }), someChanges)
  .map(([id, changed]) => request("DELETE", { "mcp-session-id": id, ...changed }));

/** Requests of either era, most of them almost right. */
export const anyRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  { weight: 8, arbitrary: posts("modern") },
  { weight: 8, arbitrary: posts("legacy") },
  { weight: 3, arbitrary: gets },
  { weight: 1, arbitrary: deletes },
);

import { type Duty, modern, section, sep } from "./duty.ts";

const { must, should } = section("http26", ["modern"]);
const TRANSPORT = modern("basic/transports/streamable-http");
const BASIC = modern("basic");
const CACHING = modern("server/utilities/caching");
const LISTEN = modern("basic/patterns/subscriptions");
const MRTR = modern("basic/patterns/mrtr");
const HEADERS = sep(2243);

/** Streamable HTTP of 2026-07-28. */
export const HTTP_MODERN: readonly Duty[] = [
  must("origin", "An Origin that is not allowed is 403, on every request.", TRANSPORT),
  should("loopback", "A local server listens on loopback only.", TRANSPORT),
  should("authenticated", "Connections are authenticated.", TRANSPORT),
  must(
    "sessionless",
    "Mcp-Session-Id and Last-Event-ID are ignored, and none are given out.",
    TRANSPORT,
  ),
  must("post-only", "Methods other than those of an era's endpoint are 405 with Allow.", TRANSPORT),
  must("one-message", "A batch or a response in a POST is refused.", TRANSPORT),
  must("notification", "A notification is answered 202 without a body.", TRANSPORT),
  must(
    "version-header",
    "MCP-Protocol-Version that is missing or not the body's is 400 and -32020.",
    HEADERS,
  ),
  must(
    "version-unknown",
    "An unknown version is 400 and -32022 with supported and requested.",
    modern("basic/versioning"),
  ),
  must("method-header", "Mcp-Method that is missing or not the body's is 400 and -32020.", HEADERS),
  must(
    "name-header",
    "Mcp-Name that is missing or not the body's is 400 and -32020, for tools, prompts and resources.",
    HEADERS,
  ),
  must("encoded-header", "Encoded header values are decoded before they are compared.", HEADERS),
  must("header-case", "Header names are compared without case, values with it.", HEADERS),
  must(
    "param-equal",
    "Mcp-Param-* is there and equal when the argument is; else 400 and -32020.",
    HEADERS,
  ),
  must("param-absent", "No Mcp-Param-* is asked for when its argument is absent or null.", HEADERS),
  must("param-encoding", "A Mcp-Param-* that can't be decoded is 400 and -32020.", HEADERS),
  must("meta", "Missing version or capabilities in _meta are 400 and -32602.", BASIC),
  must(
    "capability",
    "A request whose answer needs a capability not declared is 400 and -32021.",
    BASIC,
  ),
  must("unknown-method", "An unknown method is 404 and -32601.", TRANSPORT),
  must("error-id", "An error carries the id of its request.", BASIC),
  must(
    "discover",
    "server/discover answers versions, capabilities and server info.",
    modern("server/discover"),
  ),
  must("result-type", "Every result has a resultType.", BASIC),
  should("server-info", "Results name the server in _meta.", BASIC),
  must("cache-hints", "Discovery and lists carry ttlMs and cacheScope.", CACHING),
  must("json-or-sse", "A request is answered as JSON or as an event stream.", TRANSPORT),
  must(
    "sse-own",
    "A stream carries notifications about its own request only, and no requests.",
    TRANSPORT,
  ),
  must("sse-ends", "The final response ends the stream.", TRANSPORT),
  should("no-buffering", "Streams say X-Accel-Buffering: no.", TRANSPORT),
  should("keep-alive", "A quiet stream is kept alive by comments.", TRANSPORT),
  must(
    "disconnect",
    "A lost client counts as a cancellation of what runs in the request.",
    modern("basic/patterns/cancellation"),
  ),
  must(
    "log-level",
    "notifications/message go only to a request that set a log level.",
    modern("server/utilities/logging"),
  ),
  must(
    "codes",
    "-32002 and -32042 are not used, nor others of -32020 to -32099 than the three.",
    BASIC,
  ),
  must("lists-independent", "Lists do not depend on the connection.", modern("server/tools")),
  should("stable-order", "Lists come in a stable order.", modern("server/tools")),
  must("cache-scope-pages", "All pages of a list have one cacheScope.", CACHING),
  must(
    "listen-ack",
    "subscriptions/listen is acknowledged first, with what is honoured of its filter.",
    LISTEN,
  ),
  must("listen-id", "Notifications of a subscription carry its id in _meta.", LISTEN),
  must(
    "listen-filter",
    "Only the kinds asked for are sent, and no progress or log messages.",
    LISTEN,
  ),
  must("listen-result", "A stream that the server ends, ends with a result.", LISTEN),
  must("state-integrity", "A requestState that was changed is refused.", MRTR),
  should("state-bound", "requestState is bound to principal, method and time.", MRTR),
  should(
    "initialize-refused",
    "Where the old revisions are not served, initialize is told the versions that are.",
    modern("basic/versioning"),
  ),
];

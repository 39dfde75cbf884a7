import { type Duty, legacy, modern, section } from "./duty.ts";

const { must, should } = section("http25", ["legacy"]);
const TRANSPORT = legacy("basic/transports");
const LIFECYCLE = legacy("basic/lifecycle");

/** Streamable HTTP of 2025-11-25, 2025-06-18 and 2025-03-26. */
export const HTTP_LEGACY: readonly Duty[] = [
  must("one-endpoint", "POST, GET and DELETE have one address.", TRANSPORT),
  must("origin", "An Origin that is not allowed is 403.", TRANSPORT),
  must("one-message", "A body is one message; batches belong to 2025-03-26 alone.", TRANSPORT),
  must("accepted", "Notifications and answers are taken with 202 without a body.", TRANSPORT),
  must("accept-post", "A POST that does not take JSON and event streams is 406.", TRANSPORT),
  must("accept-get", "A GET that does not take event streams is 406.", TRANSPORT),
  must(
    "version-echo",
    "A version that is served is echoed; any other is answered with the newest of ours.",
    LIFECYCLE,
  ),
  must(
    "session-id",
    "Session ids are visible ASCII and unguessable, given with the answer to initialize.",
    TRANSPORT,
  ),
  should("session-missing", "A request without a session id is 400.", TRANSPORT),
  must("delete", "DELETE ends the session.", TRANSPORT),
  must(
    "version-header",
    "A version that is not served is 400; none means the session's.",
    TRANSPORT,
  ),
  should(
    "priming",
    "A stream starts with an id and empty data, and retry; before 2025-11-25 it does not.",
    TRANSPORT,
  ),
  should("disconnect", "A lost connection is no cancellation.", TRANSPORT),
  must("get", "GET answers an event stream or 405.", TRANSPORT),
  must("event-ids", "Event ids are unique in a session and name their stream.", TRANSPORT),
  must(
    "resume",
    "Last-Event-ID replays what came after it in that stream, in any process.",
    TRANSPORT,
  ),
  must("resume-own", "No other stream's events are replayed.", TRANSPORT),
  must("no-broadcast", "A message goes out on one stream only.", TRANSPORT),
  must("ping", "ping is answered with an empty result.", legacy("basic/utilities/ping")),
  must(
    "log-level",
    "logging/setLevel holds for all that follows.",
    legacy("server/utilities/logging"),
  ),
  must(
    "subscriptions",
    "resources/subscribe and unsubscribe are kept with the session.",
    legacy("server/resources"),
  ),
  must("initialize-first", "Nothing but initialize is answered without a session.", LIFECYCLE),
  must(
    "dual-era",
    "An envelope selects 2026-07-28, initialize the sessions, on one address.",
    modern("basic/versioning"),
  ),
  should(
    "tolerant",
    "Legacy clients may send Mcp-Method, and are told quickly that a bare GET gets nothing.",
    modern("basic/versioning"),
  ),
];

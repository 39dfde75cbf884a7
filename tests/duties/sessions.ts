import { type Duty, design, legacy, section } from "./duty.ts";

const { must, should, may } = section("session", ["legacy"]);
const TRANSPORT = legacy("basic/transports");
const CANCELLATION = legacy("basic/utilities/cancellation");

/** Sessions when every request lands in another process. */
export const SESSIONS: readonly Duty[] = [
  must(
    "stored-first",
    "A session is stored, bound to its principal, before the answer to initialize goes out.",
    design("mcp"),
  ),
  must("any-process", "Any process answers any request of a session.", design("mcp")),
  must(
    "restored",
    "A fresh process knows the session's version, the client's capabilities and its log level.",
    legacy("basic/lifecycle"),
  ),
  must("not-found", "An unknown or ended session is answered 404.", TRANSPORT),
  must(
    "bound",
    "A session of another principal is answered as one that does not exist.",
    TRANSPORT,
  ),
  must(
    "one-read",
    "A request in a session costs at most one strongly consistent read for the session itself.",
    design("mcp"),
  ),
  must(
    "answers-cross",
    "A client's answer to a request of ours reaches the process that asked, wherever it was posted.",
    TRANSPORT,
  ),
  must("cancel-crosses", "A cancellation reaches the process that works.", CANCELLATION),
  must(
    "own-ids",
    "Requests of ours carry ids that no other process of the session uses.",
    legacy("basic"),
  ),
  must(
    "logged-first",
    "A message of a streamed answer is in the event log before it is written to the stream.",
    TRANSPORT,
  ),
  must(
    "work-goes-on",
    "A lost connection is no cancellation: the work goes on, and the log has what was missed.",
    TRANSPORT,
  ),
  must(
    "survives-a-kill",
    "A session outlives the death of every process that has served it.",
    design("mcp"),
  ),
  must(
    "taken-over",
    "A stream whose process died while it followed a job goes on where its client takes it up, without gap or repeat.",
    design("mcp"),
  ),
  must("one-writer", "Of several connections that take a stream up one writes it.", design("mcp")),
  should("expires", "A session that nobody ended expires by itself.", design("mcp")),
  should(
    "stays-silent-on-foreign-answers",
    "An answer to nothing that was asked is taken with 202 and stored nowhere.",
    TRANSPORT,
  ),
  may(
    "standalone-stream",
    "GET without Last-Event-ID opens the session's own stream, held for a bounded time; else 405.",
    TRANSPORT,
  ),
  may(
    "http-sse",
    "The old HTTP+SSE transport (2024-11-05) is served across processes.",
    legacy("basic/transports#backwards-compatibility"),
  ),
];

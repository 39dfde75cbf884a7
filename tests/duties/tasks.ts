import { type Duty, section, sep } from "./duty.ts";

const { must, should, may } = section("task", ["modern"]);
const SEP = sep(2663);

/** The tasks extension, `io.modelcontextprotocol/tasks`. */
export const TASKS: readonly Duty[] = [
  must(
    "advertised",
    "The extension stands under capabilities.extensions, and there is no capabilities.tasks.",
    SEP,
  ),
  must(
    "declared-per-request",
    "A request that does not declare the extension gets no handle, whatever earlier requests said.",
    SEP,
  ),
  must(
    "required",
    "A tool that runs only as a task is refused with -32021, the needed capability and HTTP 400.",
    SEP,
  ),
  must("else-synchronous", "Without the extension other tools answer on the request itself.", SEP),
  must(
    "old-parameter",
    "The task parameter of 2025-11-25 is tolerated and ignored; its capability declares nothing.",
    SEP,
  ),
  must("result-type", "resultType is task on a handle and on nothing else.", SEP),
  must("durable", "tasks/get finds a task as soon as its handle was answered.", SEP),
  must(
    "flat-handle",
    "A handle has no result, error, inputRequests, requestState, nested task, ttl or pollInterval.",
    SEP,
  ),
  should("mrtr-first", "Rounds of input on tools/call end before the task is created.", SEP),
  must("unguessable", "Ids have at least the randomness of a UUIDv4.", SEP),
  must("variant", "tasks/get answers the variant of the task's state.", SEP),
  must(
    "outstanding-inputs",
    "inputRequests holds all outstanding requests for input and only those.",
    SEP,
  ),
  must("unknown", "Unknown, expired and foreign ids are one answer, -32602.", SEP),
  must("methods-declared", "tasks/get, update and cancel without the extension are -32021.", SEP),
  must("kept", "A task is there until createdAt + ttlMs, and not found afterwards.", SEP),
  must("integers", "ttlMs and pollIntervalMs are integers.", SEP),
  may("rate", "Polling faster than pollIntervalMs may be slowed down.", SEP),
  must("tool-failure-completes", "A tool's result with isError is completed, not failed.", SEP),
  must("failed", "failed carries the JSON-RPC error and stands for nothing else.", SEP),
  should("failed-message", "failed says why in statusMessage.", SEP),
  must(
    "inlined",
    "completed inlines what the call would have returned, without related-task.",
    SEP,
  ),
  must("input-keys", "Keys of input requests are never used twice in a task.", SEP),
  must("input-declared", "Only kinds of input the creating request declared are asked for.", SEP),
  must("update-ack", "tasks/update is acknowledged with an empty complete result.", SEP),
  should("update-ignores", "Unknown, answered and superseded keys are passed over.", SEP),
  should("update-unknown", "tasks/update of an unknown task is -32602.", SEP),
  must("cancel-ack", "tasks/cancel is acknowledged, again and after the end too.", SEP),
  should("cancel-unknown", "tasks/cancel of an unknown task is -32602.", SEP),
  must(
    "cancel-by-method",
    "notifications/cancelled does not stop a task that was handed out.",
    SEP,
  ),
  may("pushed", "A listen stream whose filter names tasks carries notifications/tasks.", SEP),
  must("listen-declared", "taskIds in a filter without the extension is -32021.", SEP),
  must("listen-ack", "The acknowledgement of a filter lists the task ids agreed to.", SEP),
  must(
    "no-progress",
    "No notifications/progress or notifications/message go out for a task that was handed out.",
    SEP,
  ),
  must("name-header", "Mcp-Name that is missing or another task's is 400 and -32020.", SEP),
  must("principal", "Every task request is checked against the principal that made the task.", SEP),
];

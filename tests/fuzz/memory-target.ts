import {
  createCalls,
  type EventLog,
  InProcessResults,
  type Principal,
  type SessionStore,
  ToolRegistry,
  workspaceFiles,
} from "@zenode/core";
import { createMcpEndpoint, type McpEndpoint } from "@zenode/core/mcp";
import {
  MemoryEventLog,
  MemoryJobStore,
  MemoryLaunchQueue,
  MemoryPlacementHistory,
  MemorySessionStore,
  MemoryWakeups,
  MemoryWorkerLauncher,
  MemoryWorkspace,
  makePrincipal,
} from "@zenode/core/testing";
import { systemClock } from "@zenode/node";
import { catalogue } from "@zenode/tools";
import { plainTools } from "../conformance/fixtures/plain-tools.ts";
import { nativePrompts, prompts } from "../conformance/fixtures/prompts.ts";
import { fixtureResources } from "../conformance/fixtures/resources.ts";
import type { FuzzRequest, Places } from "./fuzz-request.ts";
import { firstEvent, INITIALIZE, inSession, START_TASK, TALK, toAnswer } from "./good-requests.ts";
import type { FuzzTarget } from "./target.ts";

const URL_OF_TARGET = "https://zenode.test/mcp";
/** As in Lambda. */
const CALL_MS = 900_000;
const NOTHING = { sessions: 0, events: 0, jobs: 0 };

/** The endpoint over memory stores that refuse what DynamoDB would, and count what they are given. */
class CountingStores {
  left = NOTHING;
  readonly failures: string[] = [];
  readonly jobs = new MemoryJobStore(systemClock);
  readonly log = this.#countedLog();
  readonly sessions = this.#countedSessions();

  add(kind: keyof typeof NOTHING, count = 1): void {
    this.left = { ...this.left, [kind]: this.left[kind] + count };
  }

  #countedLog(): EventLog {
    const log = new MemoryEventLog(systemClock);
    return {
      append: async (key, at, writer, events) => {
        checkKey(key.stream);
        const outcome = await log.append(key, at, writer, events);
        if (outcome === "appended") this.add("events", events.length);
        return outcome;
      },
      readAfter: async (key, after) => {
        checkKey(key.stream);
        if (after < 0) throw new RangeError(`${after} can't be a number in a sequence.`);
        return log.readAfter(key, after);
      },
    };
  }

  #countedSessions(): SessionStore {
    const store = new MemorySessionStore(systemClock);
    return {
      create: async (session) => {
        checkItem(session.initialize);
        await store.create(session);
        this.add("sessions");
      },
      get: (tenant, id) => store.get(tenant, id),
      setLogLevel: (tenant, id, level) => store.setLogLevel(tenant, id, level),
      subscribe: (tenant, id, uri) => {
        checkItem(uri);
        return store.subscribe(tenant, id, uri);
      },
      unsubscribe: (tenant, id, uri) => store.unsubscribe(tenant, id, uri),
      delete: (tenant, id) => store.delete(tenant, id),
    };
  }
}

/** Partition keys have 2,048 bytes, which the key's other parts and its escapes share. */
function checkKey(name: string): void {
  const bytes = encodeURIComponent(name.toWellFormed()).length;
  if (bytes > 1024) throw new RangeError(`A key of ${bytes} bytes.`);
}

/** Items have 400 KB. */
function checkItem(value: unknown): void {
  const bytes = JSON.stringify(value).length;
  if (bytes > 380_000) throw new RangeError(`An item of ${bytes} bytes.`);
}

export async function startMemoryTarget(): Promise<FuzzTarget> {
  const stores = new CountingStores();
  const workspace = new MemoryWorkspace();
  await workspace.push("p", { "a.txt": "one\ntwo\n", "src/b.py": "aa = 1\n" });
  const endpoint = toEndpoint(stores, workspace);
  const ada = makePrincipal();
  const bob = makePrincipal({ tenant: "u-bob", subject: "bob", username: "bob" });
  const handle = (request: FuzzRequest, principal: Principal) =>
    endpoint.handle(toRequest(request), { principal, deadline: Date.now() + CALL_MS });
  const initialize = async (who: Principal) => {
    const response = await handle(INITIALIZE, who);
    return response.headers.get("mcp-session-id") ?? "";
  };
  const foreignSession = await initialize(bob);
  const task = await startTask(handle, ada);
  let session = "";
  let event = "";
  return {
    async places(): Promise<Places> {
      if (!(await stores.sessions.get(ada.tenant, session))) {
        session = await initialize(ada);
        event = await firstEvent(await handle(inSession(TALK, session), ada));
      }
      stores.left = NOTHING;
      return { session, foreignSession, task, event };
    },
    send: async (request) => toAnswer(await handle(request, ada)),
    takeLeft: () => stores.left,
    failures: () => stores.failures,
    close: () => Promise.resolve(),
  };
}

function toEndpoint(stores: CountingStores, workspace: MemoryWorkspace): McpEndpoint {
  const { jobs, log, sessions } = stores;
  const launcher = new MemoryWorkerLauncher();
  const clock = systemClock;
  const projects = (who: Principal) => workspace.projects(who);
  const [queue, wakeups] = [new MemoryLaunchQueue(), new MemoryWakeups()];
  const calls = createCalls({
    results: new InProcessResults(),
    jobs,
    log,
    launcher,
    queue,
    wakeups,
    clock,
    projects,
    history: new MemoryPlacementHistory(),
    report: (cause) => stores.failures.push(String(cause)),
  });
  return createMcpEndpoint({
    registry: new ToolRegistry([...catalogue, ...plainTools]),
    prompts,
    nativePrompts,
    resources: [fixtureResources, workspaceFiles],
    projects,
    calls: {
      ...calls,
      place: async (call) => {
        const placed = await calls.place(call);
        if (placed.kind === "burst") stores.add("jobs");
        return placed;
      },
    },
    sessions,
    log,
    clock,
    serverInfo: { name: "zenode", version: "1" },
    resourceMetadataUrl: "https://zenode.test/.well-known/oauth-protected-resource/mcp",
    requestStateKeys: [new Uint8Array(32).fill(7)],
    allowedOrigins: ["https://zenode.test"],
    limits: { streamMarginMs: 100, patienceMs: 50, ownStreamMs: 100, watchMs: 20, listenMs: 50 },
    report: (error) => stores.failures.push(String((error as Error).stack ?? error)),
  });
}

async function startTask(
  handle: (request: FuzzRequest, who: Principal) => Promise<Response>,
  who: Principal,
): Promise<string> {
  const { result } = (await (await handle(START_TASK, who)).json()) as {
    result: { taskId: string };
  };
  return result.taskId;
}

function toRequest({ method, headers, body }: FuzzRequest): Request {
  return new Request(URL_OF_TARGET, { method, headers, ...(body !== undefined && { body }) });
}

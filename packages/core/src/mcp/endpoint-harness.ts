import { acceptedContent, inputRequired } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Principal } from "../access/principal.ts";
import type { Scope } from "../access/scope.ts";
import { createCalls } from "../burst/calls.ts";
import { InProcessResults } from "../burst/in-process-results.ts";
import { type Job, jobStream } from "../burst/job.ts";
import type { JobEnd } from "../burst/job-store.ts";
import type { LaunchOrder } from "../burst/launcher.ts";
import type { Clock } from "../lib/clock.ts";
import { MINUTE } from "../lib/duration.ts";
import { RefusedError, UnavailableError } from "../lib/error.ts";
import { END, type LogEvent } from "../log/event-log.ts";
import { definePrompt, said } from "../prompt/define-prompt.ts";
import { completeProject } from "../resource/complete-files.ts";
import { taskResults } from "../resource/task-results.ts";
import { workspaceFiles } from "../resource/workspace-files.ts";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryLaunchQueue } from "../testing/launch-queue-memory.ts";
import { MemoryWorkerLauncher } from "../testing/launcher-memory.ts";
import { MemoryPlacementHistory } from "../testing/placement-history-memory.ts";
import { MemorySessionStore } from "../testing/session-store-memory.ts";
import { MemoryWakeups } from "../testing/wakeups-memory.ts";
import { type Files, MemoryWorkspace, makePrincipal } from "../testing/workspace-memory.ts";
import { type AnyTool, defineTool, type ToolRun } from "../tool/define-tool.ts";
import { ToolRegistry } from "../tool/registry.ts";
import { structured, text } from "../tool/tool-result.ts";
import { createMcpEndpoint } from "./endpoint.ts";
import { type AnyNativeTool, defineNativeTool } from "./native-tool.ts";
import type { McpCall, McpEndpoint, McpPorts } from "./ports.ts";

/** What the endpoint's own tests share: an endpoint over memory stores and a few tools. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

export function principal(subject = "ada", scopes: readonly Scope[] = ["admin"]): Principal {
  return {
    tenant: "t-one",
    subject,
    username: subject,
    clientId: "client-1",
    issuer: "https://issuer.test",
    scopes: new Set(scopes),
    expiresAt: Date.now() + MINUTE,
  };
}

export const RESOURCE_METADATA = "https://zenode.test/.well-known/oauth-protected-resource/mcp";

/** Stores that several endpoints ("processes") may share, and what was asked of them. */
export class Cloud {
  readonly log = new MemoryEventLog(realClock);
  readonly sessions = new MemorySessionStore(realClock);
  readonly jobs = new MemoryJobStore(realClock);
  readonly results = new InProcessResults();
  readonly launcher = new MemoryWorkerLauncher();
  readonly queue = new MemoryLaunchQueue();
  readonly wakeups = new MemoryWakeups();
  readonly reported: unknown[] = [];
  readonly workspace = new MemoryWorkspace();
  readonly calls = createCalls({
    jobs: this.jobs,
    log: this.log,
    launcher: this.launcher,
    queue: this.queue,
    wakeups: this.wakeups,
    clock: realClock,
    results: this.results,
    projects: () => this.workspace.projects({ tenant: "t-one" }),
    history: new MemoryPlacementHistory(),
    report: (cause) => this.reported.push(cause),
    pace: { fastestMs: 5, slowestMs: 10 },
  });

  /** A process of this cloud. */
  endpoint(ports: Partial<McpPorts> = {}): McpEndpoint {
    return createMcpEndpoint({
      registry: new ToolRegistry(TOOLS),
      nativeTools: NATIVE_TOOLS,
      prompts: PROMPTS,
      resources: [workspaceFiles, taskResults(this.calls)],
      projects: (who) => this.workspace.projects(who),
      calls: this.calls,
      sessions: this.sessions,
      log: this.log,
      clock: realClock,
      serverInfo: { name: "zenode-test", version: "1.2.3" },
      resourceMetadataUrl: RESOURCE_METADATA,
      requestStateKeys: [new Uint8Array(32).fill(7)],
      allowedOrigins: ["https://app.test"],
      report: (error) => this.reported.push(error),
      ...ports,
    });
  }

  /** Makes files the next snapshot of a project of tenant t-one. */
  async push(project: string, files: Files): Promise<void> {
    const transport = this.workspace.transport(makePrincipal({ tenant: "t-one" }));
    await this.workspace.push(project, files, { transport });
  }

  /** Does a launched job as a worker would: events, the end, the log's end. */
  async work(order: LaunchOrder, events: readonly LogEvent[], end: JobEnd): Promise<Job> {
    const { tenant, id } = order;
    const job = await this.jobs.claim(tenant, id, {
      worker: "w-1",
      leaseUntil: Date.now() + MINUTE,
      now: Date.now(),
    });
    if (!job) throw new Error(`${id} can't be claimed.`);
    const lease = { tenant, id, fence: job.fence };
    await this.jobs.start(lease, Date.now());
    if (events.length > 0) await this.log.append(jobStream(job), 1, "worker", events);
    await this.jobs.finish(lease, end, Date.now());
    const last = { kind: END, data: {} };
    await this.log.append(jobStream(job), events.length + 1, "worker", [last]);
    return job;
  }
}

export function call(who: Principal = principal(), more: Partial<McpCall> = {}): McpCall {
  return { principal: who, deadline: Date.now() + MINUTE, ...more };
}

function tool<Input>(name: string, run: ToolRun<Input>, more: Partial<AnyTool> = {}): AnyTool {
  return defineTool({
    name,
    title: name,
    description: `${name} of the tests`,
    input: z.object({}),
    annotations: {},
    scope: "read",
    placement: { kind: "lambda" },
    limits: { timeoutMs: MINUTE },
    load: () => Promise.resolve(run as ToolRun<unknown>),
    ...more,
  });
}

export const TOOLS: readonly AnyTool[] = [
  tool<{ text: string }>("echo", (input) => Promise.resolve(text(input.text)), {
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }),
  }),
  tool("write_file", () => Promise.resolve(text("written")), { scope: "write" }),
  tool("refuse", () => Promise.reject(new RefusedError("not_found", "There is no such file."))),
  tool("explode", () => Promise.reject(new TypeError("secret at /srv/code.ts:12"))),
  tool("unavailable", () => Promise.reject(new UnavailableError("table users is throttled"))),
  tool("count", async (_, { progress, log }) => {
    progress(1, 2, "one");
    log("info", "between");
    progress(2, 2);
    return structured({ counted: 2 }, "counted 2");
  }),
  tool("confirm_twice", async (_, { ask }) => {
    const requestedSchema = {
      type: "object",
      properties: { ok: { type: "boolean" } },
      required: ["ok"],
    } as const;
    const confirm = async (message: string) =>
      (await ask({ method: "elicitation/create", params: { message, requestedSchema } })).content
        .ok;
    return text(`${await confirm("First?")} ${await confirm("Second?")}`);
  }),
  tool("hang", async (_, { signal, clock }) => {
    await clock.sleep(MINUTE, signal);
    return text("was told to stop");
  }),
  tool("crunch", () => Promise.reject(new Error("runs on workers")), {
    input: z.object({ size: z.number().optional() }),
    output: z.object({ crunched: z.number() }),
    placement: { kind: "fargate" },
  }),
  tool("crunch_task", () => Promise.reject(new Error("runs on workers")), {
    placement: { kind: "fargate" },
    task: "required",
  }),
];

const PROMPTS = [
  definePrompt({
    name: "review",
    title: "review",
    description: "review of the tests",
    arguments: {
      project: {
        description: "which",
        required: true,
        complete: ({ projects }, typed) => completeProject(projects, typed),
      },
      focus: { description: "on what" },
    },
    scope: "read",
    build: async ({ project = "", focus }, { projects }) => {
      const { number } = await projects.open(project);
      return [said(`Review ${project}, snapshot ${number}, ${focus ?? "all of it"}.`)];
    },
  }),
  definePrompt({
    name: "rewrite",
    title: "rewrite",
    description: "needs more than reading",
    arguments: {},
    scope: "write",
    build: async () => [said("Rewrite it.")],
  }),
];

const NATIVE_TOOLS: readonly AnyNativeTool[] = [
  defineNativeTool({
    name: "introduce",
    title: "introduce",
    description: "returns what it needs to know: first a name, then a colour",
    input: z.object({}),
    annotations: {},
    scope: "write",
    run: async (_, { mcp, requestState }) => {
      const { inputResponses } = mcp.mcpReq;
      const name = acceptedContent(inputResponses, "name", z.object({ name: z.string() }))?.name;
      const known = mcp.mcpReq.requestState<{ name: string }>()?.name;
      const colour = acceptedContent(inputResponses, "colour", z.object({ colour: z.string() }));
      if (known !== undefined && colour) {
        return { content: [{ type: "text", text: `${known} likes ${colour.colour}` }] };
      }
      if (name === undefined) return inputRequired({ inputRequests: { name: askFor("name") } });
      const state = await requestState?.mint({ name }, mcp);
      return inputRequired({
        inputRequests: { colour: askFor("colour") },
        ...(state !== undefined && { requestState: state }),
      });
    },
  }),
  defineNativeTool({
    name: "ask",
    title: "ask",
    description: "asks the user's name in the middle of the call",
    input: z.object({}),
    annotations: {},
    scope: "read",
    run: async (_, { mcp }) => {
      const { content } = await mcp.mcpReq.elicitInput({
        message: "Who are you?",
        requestedSchema: { type: "object", properties: { name: { type: "string" } } },
      });
      return { content: [{ type: "text", text: `Hello ${String(content?.name)}` }] };
    },
  }),
];

function askFor(field: string) {
  const requestedSchema = z.object({ [field]: z.string() });
  return inputRequired.elicit({ message: `Your ${field}?`, requestedSchema });
}

import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { allows, toOAuthScope } from "../access/scope.ts";
import type { PlacedCall } from "../burst/call-service.ts";
import type { Job } from "../burst/job.ts";
import { RefusedError } from "../lib/error.ts";
import type { AnyTool } from "../tool/define-tool.ts";
import { formatIssues, type Schema } from "../tool/schema.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { tasksRequired, toolFailure, toToolAnswer } from "./error-to-wire.ts";
import type { Exchange, Serving } from "./exchange.ts";
import { followJob, isTakenBack } from "./follow-job.ts";
import { toJobAnswer } from "./job-answer.ts";
import type { AnyNativeTool, Delegation } from "./native-tool.ts";
import { Reports } from "./reports.ts";
import { toCallToolResult } from "./result-to-wire.ts";
import { toHandle } from "./task-wire.ts";
import { declaresTasks } from "./tasks-extension.ts";

type Answer = CallToolResult | InputRequiredResult;

/** One tools/call in hand. */
interface Calling {
  readonly served: Serving;
  readonly exchange: Exchange;
  readonly ctx: ServerContext;
  readonly reports: Reports;
}

/**
 * Answers a tools/call. Mistakes in the arguments and refusals are results the model can act on.
 * @throws ProtocolError -32602 for an unknown tool, -32021 for a tool that needs the tasks extension,
 * -32603 for a failure of the platform.
 */
export async function callTool(
  served: Serving,
  exchange: Exchange,
  params: CallToolRequest["params"],
  ctx: ServerContext,
): Promise<Answer> {
  const calling = { served, exchange, ctx, reports: new Reports(ctx, served.report) };
  try {
    return await dispatch(calling, params.name, params.arguments ?? {});
  } catch (error) {
    return toToolAnswer(error, served.report);
  } finally {
    await calling.reports.settled();
  }
}

async function dispatch(calling: Calling, name: string, sent: unknown): Promise<Answer> {
  const entry = calling.served.catalogue.get(name);
  if (!entry) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
  if (needsTasks(entry) && !takesTasks(calling)) throw tasksRequired();
  const parsed = await parse(entry.tool.input, sent);
  if (!parsed.ok) return toolFailure(`Invalid arguments for tool ${name}:\n${parsed.mistakes}`);
  if (entry.kind === "native") return runNative(calling, entry.tool, parsed.value);
  return runPlatform(calling, entry.tool, { input: parsed.value, sent });
}

function needsTasks(entry: CatalogueEntry): boolean {
  return entry.kind === "platform" && entry.tool.task === "required";
}

function takesTasks({ exchange, ctx }: Calling): boolean {
  return exchange.era === "modern" && declaresTasks(ctx);
}

async function parse(
  schema: Schema,
  sent: unknown,
): Promise<{ ok: true; value: unknown } | { ok: false; mistakes: string }> {
  const checked = await schema["~standard"].validate(sent);
  if (checked.issues) return { ok: false, mistakes: formatIssues(checked.issues) };
  return { ok: true, value: checked.value };
}

async function runNative(calling: Calling, tool: AnyNativeTool, input: unknown): Promise<Answer> {
  const { served, exchange, ctx, reports } = calling;
  const answer = await tool.run(input, {
    principal: exchange.principal,
    deadline: exchange.deadline,
    mcp: ctx,
    reports,
    ...(served.requestStates && { requestState: served.requestStates.of(exchange) }),
    openStream: () => exchange.openStream(),
  });
  return isDelegation(answer) ? delegate(calling, answer) : answer;
}

/** The caller needs the other tool's scope too. */
async function delegate(calling: Calling, { delegateTo, ...call }: Delegation): Promise<Answer> {
  const { served, exchange } = calling;
  const needed = served.catalogue.scopeOf(delegateTo);
  if (needed && !allows(exchange.principal.scopes, needed)) {
    throw new RefusedError("forbidden", `This needs the scope ${toOAuthScope(needed)}.`);
  }
  return dispatch(calling, delegateTo, call.arguments);
}

function isDelegation(answer: Answer | Delegation): answer is Delegation {
  return "delegateTo" in answer;
}

async function runPlatform(
  calling: Calling,
  tool: AnyTool,
  { input, sent }: { readonly input: unknown; readonly sent: unknown },
): Promise<Answer> {
  const { served, exchange } = calling;
  const { principal, deadline } = exchange;
  const placed = await served.ports.calls.place({ tool, principal, input, sent, deadline });
  return placed.kind === "here" ? runHere(calling, placed) : runBurst(calling, placed.job);
}

async function runHere(
  { ctx, reports }: Calling,
  placed: Extract<PlacedCall, { kind: "here" }>,
): Promise<CallToolResult> {
  return toCallToolResult(await placed.run(reports, ctx.mcpReq.signal));
}

/** A handle for a client that takes tasks, else the job's own progress and result on a stream. */
async function runBurst(calling: Calling, job: Job): Promise<Answer> {
  const { served, exchange, ctx, reports } = calling;
  const { calls, clock } = served.ports;
  if (takesTasks(calling)) {
    exchange.handedOut();
    // The SDK has no type for task handles; its 2026-07-28 codec lets them pass.
    return toHandle(job, clock.now()) as unknown as CallToolResult;
  }
  exchange.openStream();
  const { signal } = ctx.mcpReq;
  const after = await followJob(served, job, { reports, signal, deadline: exchange.deadline });
  if (isTakenBack(signal)) await calls.cancel(job.principal.tenant, job.id);
  return toJobAnswer(after);
}

import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { allows, toOAuthScope } from "../access/scope.ts";
import { toCallKey } from "../burst/call-key.ts";
import type { Job } from "../burst/job.ts";
import { findOwnJob } from "../burst/own-job.ts";
import type { Change } from "../changes/change-bus.ts";
import { RefusedError } from "../lib/error.ts";
import type { AnyTool } from "../tool/define-tool.ts";
import type { InputKind } from "../tool/input-request.ts";
import { formatIssues, type Schema } from "../tool/schema.ts";
import { runHere } from "./ask-here.ts";
import { awaitJob, takeAnswers, type Waiting } from "./await-job.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { tasksRequired, toolFailure, toToolAnswer } from "./error-to-wire.ts";
import type { Exchange, Serving } from "./exchange.ts";
import { isTakenBack } from "./follow-job.ts";
import type { AnyNativeTool, Delegation } from "./native-tool.ts";
import { Reports } from "./reports.ts";
import { type RoundState, readRound } from "./round-state.ts";
import { toHandle } from "./task-wire.ts";
import { declaresTasks } from "./tasks-extension.ts";

type Answer = CallToolResult | InputRequiredResult;

/** One tools/call as it came. */
export interface ToolCalling {
  readonly served: Serving;
  readonly exchange: Exchange;
  readonly ctx: ServerContext;
  /** What the client can be asked for. */
  readonly declared: readonly InputKind[];
}

interface Calling extends ToolCalling {
  readonly reports: Reports;
}

/**
 * Answers a tools/call. Mistakes in the arguments and refusals are results the model can act on.
 * @throws ProtocolError -32602 for an unknown tool, -32021 for a tool that needs the tasks extension,
 * -32603 for a failure of the platform.
 */
export async function callTool(
  call: ToolCalling,
  params: CallToolRequest["params"],
): Promise<Answer> {
  const { served, exchange, ctx } = call;
  const { told } = readRound(ctx);
  const { report } = served;
  const reports = new Reports(ctx, { report, told, relays: exchange.relays });
  const calling = { ...call, reports };
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
  const { served, exchange, ctx, reports, declared } = calling;
  const { changes } = served;
  const requestState = served.requestStates?.of(exchange);
  const answer = await tool.run(input, {
    principal: exchange.principal,
    deadline: exchange.deadline,
    mcp: ctx,
    reports,
    declared,
    ...(requestState && { requestState }),
    ...(changes && {
      publish: (change: Change) => changes.publish(exchange.principal.tenant, change),
    }),
    openStream: () => exchange.openStream(),
    follows: (state) => exchange.follows?.(ctx.mcpReq.id, state),
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
  const resumed = await resume(calling, tool);
  if (resumed) return wait(calling, resumed);
  const asks = askable(calling);
  const placed = await served.ports.calls.place({ tool, principal, input, sent, deadline, asks });
  if (placed.kind === "burst") return runBurst(calling, placed.job);
  const callKey = await toCallKey(principal, tool.name, sent);
  const ended = await runHere(served, { placed, callKey }, toWaiting(calling));
  return "moved" in ended ? runBurst(calling, ended.moved) : ended.answer;
}

/** The job of an earlier round, with what this retry answers. */
async function resume({ served, exchange, ctx }: Calling, tool: AnyTool): Promise<Job | undefined> {
  const { task } = readRound(ctx);
  if (typeof task !== "string") return undefined;
  const job = await findOwnJob(served.ports.calls, exchange.principal, task);
  return job?.tool === tool.name ? takeAnswers(served, job, ctx) : undefined;
}

/** What a job may ask, by the way its answers would come: without a key no state can be signed. */
function askable(calling: Calling): readonly InputKind[] {
  const canAnswer = takesTasks(calling) || calling.served.requestStates !== undefined;
  return canAnswer ? calling.declared : [];
}

function toWaiting({ served, exchange, ctx, reports, declared }: Calling): Waiting {
  const requestState = served.requestStates?.of(exchange);
  const follows = (state: RoundState) => exchange.follows?.(ctx.mcpReq.id, state);
  return { ctx, reports, declared, deadline: exchange.deadline, requestState, follows };
}

/** A handle for a client that takes tasks, else the job's own progress and result on a stream. */
async function runBurst(calling: Calling, job: Job): Promise<Answer> {
  if (!takesTasks(calling)) return wait(calling, job);
  calling.exchange.handedOut();
  // The SDK has no type for task handles; its 2026-07-28 codec lets them pass.
  return toHandle(job, calling.served.ports.clock.now()) as unknown as CallToolResult;
}

async function wait(calling: Calling, job: Job): Promise<Answer> {
  const { served, exchange, ctx } = calling;
  exchange.openStream();
  const answer = await awaitJob(served, job, toWaiting(calling));
  if (isTakenBack(ctx.mcpReq.signal)) {
    await served.ports.calls.cancel(job.principal.tenant, job.id);
  }
  return answer;
}

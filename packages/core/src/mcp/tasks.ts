import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Job } from "../burst/job.ts";
import type { InputAnswers } from "../burst/job-inputs.ts";
import { findOwnJob } from "../burst/own-job.ts";
import { RefusedError } from "../lib/error.ts";
import { tasksRequired, toProtocolError } from "./error-to-wire.ts";
import type { Exchange, Serving } from "./exchange.ts";
import { toDetailedTask } from "./task-wire.ts";
import { declaresTasks } from "./tasks-extension.ts";

const PARAMS = z.looseObject({ taskId: z.string() });

type Answer = (job: Job, ctx: ServerContext) => Promise<Record<string, unknown>>;

/**
 * The tasks extension's methods (ext-tasks, specification/draft/tasks.md). Every one needs the
 * extension declared on its own request (-32021) and a task of the caller (-32602, one text for
 * unknown, expired and foreign ids).
 */
export function registerTasks(server: Server, served: Serving, exchange: Exchange): void {
  const { calls, clock } = served.ports;
  const answers: Record<string, Answer> = {
    "tasks/get": async (job) => toDetailedTask(job, clock.now()),
    "tasks/update": async (job, ctx) => {
      // The SDK takes the answers out of the parameters.
      const answers = (ctx.mcpReq.inputResponses ?? {}) as InputAnswers;
      await calls.answer(job.principal.tenant, job.id, answers);
      return {};
    },
    "tasks/cancel": async (job) => {
      await calls.cancel(job.principal.tenant, job.id);
      return {};
    },
  };
  for (const [method, answer] of Object.entries(answers)) {
    server.setRequestHandler(method, { params: PARAMS }, ({ taskId }, ctx) =>
      onOwnTask(served, exchange, { taskId, ctx, answer }),
    );
  }
}

async function onOwnTask(
  served: Serving,
  exchange: Exchange,
  asked: { readonly taskId: string; readonly ctx: ServerContext; readonly answer: Answer },
): Promise<Record<string, unknown>> {
  if (!declaresTasks(asked.ctx)) throw tasksRequired();
  try {
    const job = await findOwnJob(served.ports.calls, exchange.principal, asked.taskId);
    if (!job) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Task not found");
    return await asked.answer(job, asked.ctx);
  } catch (error) {
    if (error instanceof RefusedError) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
    throw toProtocolError(error, served.report);
  }
}

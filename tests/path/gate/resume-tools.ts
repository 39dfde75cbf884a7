import { appendFile } from "node:fs/promises";
import path from "node:path";
import {
  defineTool,
  type FormRequest,
  MINUTE,
  type Placement,
  type ToolRun,
  text,
} from "@zenode/core";
import type * as z from "zod";
import { GATED, passGate, RESUMED, STARTED } from "./gate.ts";

/** What a run adds to its checkpoint when it starts, and when it is told to stop. */
const AT_START = 1;
const AT_STOP = 10;

type Input = z.infer<typeof GATED.input>;

/** Waits at the gate; each run leaves a line that says from which checkpoint it goes on. */
const climb: ToolRun<Input> = async ({ folder }, context) => {
  const from = Number(context.resumed ?? 0);
  await appendFile(path.join(folder, RESUMED), `${from}\n`);
  await context.checkpoint(from + AT_START);
  await appendFile(path.join(folder, STARTED), `${from + AT_START}\n`);
  context.progress(1, 100, "begun");
  context.progress(from + 2, 100, "under way");
  await passGate(folder, context).catch(async (reason: unknown) => {
    await context.checkpoint(from + AT_STOP);
    throw reason;
  });
  return text(`resumed at ${from}`);
};

const QUESTION: FormRequest = {
  method: "elicitation/create",
  params: {
    message: "Go on?",
    requestedSchema: { type: "object", properties: { answer: { type: "string" } } },
  },
};

/** Asks, and then takes longer than a Lambda should. */
const askAndClimb: ToolRun<Input> = async (_, { ask, computer, clock, signal }) => {
  const { content } = await ask(QUESTION);
  if (!computer) {
    await clock.sleep(MINUTE, signal);
    signal.throwIfAborted();
  }
  return text(`${content.answer}, on a worker`);
};

/** Nothing is learnt of one that should take no time. */
const MOVES: Placement<Input> = { kind: "auto", weigh: async () => 0 };
const MOVES_ONCE: Placement<Input> = { kind: "auto", weigh: async () => 50 };

function resumable(name: string, placement: Placement<Input>, run: ToolRun<Input>) {
  return defineTool({
    ...GATED,
    name,
    title: name,
    description: "Goes on where it was.",
    placement,
    load: () => Promise.resolve(run),
  });
}

/** On a worker from the start, or from when they have outgrown Lambda. */
export const resumeTools = [
  resumable("climb", { kind: "fargate" }, climb),
  resumable("outgrow", MOVES, climb),
  resumable("outgrow_once", MOVES_ONCE, climb),
  resumable("ask_and_outgrow", MOVES, askAndClimb),
];

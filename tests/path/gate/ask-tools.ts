import { defineTool, type FormRequest, MINUTE, type ToolRun, text } from "@zenode/core";
import * as z from "zod";

const INPUT = z.object({ label: z.string() });

function question(message: string): FormRequest {
  const properties = { answer: { type: "string" } };
  const requestedSchema = { type: "object", properties, required: ["answer"] } as const;
  return { method: "elicitation/create", params: { message, requestedSchema } };
}

/** Two questions at once, then a third that depends on the answers. */
const run: ToolRun<z.infer<typeof INPUT>> = async ({ label }, { ask }) => {
  const both = await Promise.all([
    ask(question(`${label}: first?`)),
    ask(question(`${label}: second?`)),
  ]);
  const said = both.map(({ content }) => content.answer).join(" ");
  const { content } = await ask(question(`${label}: ${said}?`));
  return text(`${said} ${content.answer}`);
};

function askTool(name: string, kind: "lambda" | "fargate") {
  return defineTool({
    name,
    title: name,
    description: "Asks three questions of its client.",
    input: INPUT,
    annotations: { readOnlyHint: true },
    scope: "read",
    placement: { kind },
    limits: { timeoutMs: MINUTE },
    load: () => Promise.resolve(run),
  });
}

/** The same on a worker and in Lambda. */
export const askTools = [askTool("ask_on_worker", "fargate"), askTool("ask_here", "lambda")];

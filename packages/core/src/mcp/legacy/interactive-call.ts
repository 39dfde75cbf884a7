import {
  type CallToolRequest,
  type CallToolResult,
  type ClientCapabilities,
  type InputRequiredResult,
  isInputRequiredResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { RefusedError } from "../../lib/error.ts";
import { toolFailure } from "../error-to-wire.ts";
import type { Asked, Exchange, Question, Serving } from "../exchange.ts";
import { callTool } from "../tool-call.ts";

/** Times a tool may ask before its call is given up. */
const ROUNDS = 8;

type AskingExchange = Exchange & Required<Pick<Exchange, "ask">>;

interface Interactive {
  readonly params: CallToolRequest["params"];
  readonly ctx: ServerContext;
  readonly declared: ClientCapabilities | undefined;
}

/**
 * A tools/call in a session. What a tool asks by returning `inputRequired` becomes requests to the
 * client, and the tool is called again with the answers, here or, when a person takes long, in the
 * process that gets them (parked-call.ts). Answers are the client's word: tools check them.
 */
export async function callToolInSession(
  served: Serving,
  exchange: AskingExchange,
  { params, ctx, declared }: Interactive,
): Promise<CallToolResult | InputRequiredResult> {
  let current = ctx;
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await callTool(served, exchange, params, current);
    const asked = readQuestions(answer);
    if (!asked) return answer;
    const refused = findUnsupported(asked.questions, declared);
    if (refused !== undefined) return toolFailure(refused);
    const next = await askClient(served, exchange, { ctx, asked });
    if (next instanceof RefusedError) return toolFailure(next.message);
    current = next;
  }
  return toolFailure(`The tool asked more than ${ROUNDS} times and was given up.`);
}

/** Undefined: it asks nothing. A tool that only gave state is called again by the SDK, after a pause. */
function readQuestions(answer: CallToolResult | InputRequiredResult): Asked | undefined {
  if (!isInputRequiredResult(answer)) return undefined;
  const questions = (answer.inputRequests ?? {}) as Asked["questions"];
  const { requestState } = answer;
  return Object.keys(questions).length === 0 ? undefined : { questions, requestState };
}

/** The context to call the tool with again. */
async function askClient(
  { requestStates }: Serving,
  exchange: AskingExchange,
  { ctx, asked }: { readonly ctx: ServerContext; readonly asked: Asked },
): Promise<ServerContext | RefusedError> {
  const { requestState } = asked;
  try {
    const inputResponses = await exchange.ask(ctx.mcpReq.id, asked);
    const state =
      requestState === undefined || !requestStates
        ? requestState
        : await requestStates.of(exchange).verify(requestState, ctx);
    const mcpReq = { ...ctx.mcpReq, inputResponses, requestState: () => state };
    return { ...ctx, mcpReq: mcpReq as unknown as ServerContext["mcpReq"] };
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
}

const CAPABILITY: Readonly<Record<string, keyof ClientCapabilities>> = {
  "elicitation/create": "elicitation",
  "sampling/createMessage": "sampling",
  "roots/list": "roots",
};

/** Why a client can't be asked this; undefined: it can. */
function findUnsupported(
  questions: Readonly<Record<string, Question>>,
  declared: ClientCapabilities | undefined,
): string | undefined {
  for (const { method, params } of Object.values(questions)) {
    const capability = CAPABILITY[method];
    if (!capability) throw new TypeError(`A tool asked ${method}, which clients do not answer.`);
    const has = declared?.[capability];
    const lacksUrl = params?.mode === "url" && !(has as { url?: unknown } | undefined)?.url;
    if (!has || lacksUrl) {
      return `The tool needs to ask ${method}, and the client did not declare that it takes it.`;
    }
  }
  return undefined;
}

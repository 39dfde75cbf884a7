import { RefusedError } from "../lib/error.ts";
import type { Json, JsonObject } from "../lib/json.ts";
import { isObject, mistakeInForm } from "./form.ts";
import {
  type FormSchema,
  type InputAnswer,
  type InputKind,
  type InputRequest,
  kindOf,
} from "./input-request.ts";

/**
 * What is wrong with an answer to a request; undefined: nothing. Answers come from outside, so their
 * shape is checked before they are kept; a form's content is held against the form's schema.
 */
export function mistakeIn(request: InputRequest, answer: Json): string | undefined {
  if (!isObject(answer)) return "an answer is an object";
  if (isRefusal(answer)) return undefined;
  switch (request.method) {
    case "elicitation/create":
      return mistakeInElicitation(
        answer,
        "requestedSchema" in request.params ? request.params.requestedSchema : undefined,
      );
    case "sampling/createMessage":
      return mistakeInSample(answer);
    case "roots/list":
      return Array.isArray(answer.roots) && answer.roots.every(isRoot)
        ? undefined
        : "roots: a list of objects with a uri is needed";
  }
}

/** A checked answer as the tool gets it. @throws RefusedError `declined` when the user said no. */
export function toAnswer<Request extends InputRequest>(
  request: Request,
  answer: Json,
): InputAnswer<Request> {
  if (isObject(answer) && isRefusal(answer)) {
    const what = request.method === "elicitation/create" ? request.params.message : request.method;
    const reason = typeof answer.reason === "string" ? `: ${answer.reason}` : "";
    const said = `The client said no (${answer.action}${reason}) to this: ${what}`;
    throw new RefusedError("declined", said);
  }
  return answer as unknown as InputAnswer<Request>;
}

/** @throws RefusedError `cannot_ask` when the client declared no such capability. */
export function checkDeclared(request: InputRequest, declared: readonly InputKind[]): void {
  const kind = kindOf(request);
  if (declared.includes(kind)) return;
  throw new RefusedError(
    "cannot_ask",
    `This tool has to ask for ${WORDS[kind]}, which the client that called it does not offer (${request.method}). Call it from a client that does.`,
  );
}

const WORDS: Readonly<Record<InputKind, string>> = {
  form: "input by a form",
  url: "a visit to a page",
  sampling: "a completion by the client's model",
  sampling_tools: "a completion with tools by the client's model",
  roots: "the client's folders",
};

function mistakeInSample({ role, content }: JsonObject): string | undefined {
  if (typeof role !== "string") return "role: a string is needed";
  const hasContent = typeof content === "object" && content !== null;
  return hasContent ? undefined : "content: an object or a list is needed";
}

function mistakeInElicitation(answer: JsonObject, schema?: FormSchema): string | undefined {
  const { action, content } = answer;
  if (action !== "accept") return "action: accept, decline or cancel is needed";
  return schema && mistakeInForm(schema, content);
}

/** As elicitations say it; the other kinds have no word for it on the wire, their errors become this one. */
function isRefusal({ action }: JsonObject): boolean {
  return action === "decline" || action === "cancel";
}

function isRoot(root: Json): boolean {
  return isObject(root) && typeof root.uri === "string";
}

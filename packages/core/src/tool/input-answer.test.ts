import { expect, test } from "vitest";
import type { Json } from "../lib/json.ts";
import { checkDeclared, mistakeIn, toAnswer } from "./input-answer.ts";
import type { FormRequest, InputRequest } from "./input-request.ts";

const form: FormRequest = {
  method: "elicitation/create",
  params: {
    message: "Which?",
    requestedSchema: {
      type: "object",
      properties: {
        name: { type: "string" },
        age: { type: "integer" },
        size: { type: "number" },
        sure: { type: "boolean" },
        color: { type: "string", enum: ["red", "blue"] },
        titled: { type: "string", oneOf: [{ const: "a", title: "A" }] },
        many: { type: "array", items: { type: "string", enum: ["x", "y"] }, maxItems: 2 },
        short: { type: "string", minLength: 2, maxLength: 3 },
        percent: { type: "integer", minimum: 0, maximum: 100 },
      },
      required: ["name"],
    },
  },
};
const url: InputRequest = {
  method: "elicitation/create",
  params: { mode: "url", message: "Sign in", url: "https://example.test" },
};
const sampling: InputRequest = {
  method: "sampling/createMessage",
  params: { messages: [], maxTokens: 5 },
};
const roots: InputRequest = { method: "roots/list" };
const misfit = (name: string) => `content.${name}: does not fit its schema`;
const accept = (content: Json): Json => ({ action: "accept", content });

test.each<[string, InputRequest, Json, string | undefined]>([
  ["a filled form", form, accept({ name: "a", age: 3, size: 1.5, sure: true }), undefined],
  ["choices", form, accept({ name: "a", color: "red", titled: "a", many: ["x"] }), undefined],
  ["fields beyond the schema", form, accept({ name: "a", more: 1 }), undefined],
  ["a refusal", form, { action: "decline" }, undefined],
  ["a missing field", form, accept({}), "content.name: is required"],
  ["no content", form, { action: "accept" }, "content: an object is needed"],
  ["half a year", form, accept({ name: "a", age: 1.5 }), "content.age: does not fit its schema"],
  [
    "no choice",
    form,
    accept({ name: "a", color: "green" }),
    "content.color: does not fit its schema",
  ],
  ["no title", form, accept({ name: "a", titled: "b" }), "content.titled: does not fit its schema"],
  [
    "no list item",
    form,
    accept({ name: "a", many: ["z"] }),
    "content.many: does not fit its schema",
  ],
  ["too many", form, accept({ name: "a", many: ["x", "x", "x"] }), misfit("many")],
  ["bounds kept", form, accept({ name: "a", short: "🚀🚀🚀", percent: 0 }), undefined],
  ["too short", form, accept({ name: "a", short: "x" }), misfit("short")],
  ["too long", form, accept({ name: "a", short: "abcd" }), misfit("short")],
  ["too little", form, accept({ name: "a", percent: -1 }), misfit("percent")],
  ["too much", form, accept({ name: "a", percent: 101 }), misfit("percent")],
  ["a number for a text", form, accept({ name: 3 }), misfit("name")],
  ["another action", form, { action: "maybe" }, "action: accept, decline or cancel is needed"],
  ["a text", form, "yes", "an answer is an object"],
  ["null", form, null, "an answer is an object"],
  ["a visited page", url, { action: "accept" }, undefined],
  ["a message", sampling, { role: "assistant", content: { type: "text" }, model: "m" }, undefined],
  [
    "a message without content",
    sampling,
    { role: "assistant" },
    "content: an object or a list is needed",
  ],
  ["a message of nobody", sampling, { content: {} }, "role: a string is needed"],
  ["folders", roots, { roots: [{ uri: "file:///a" }] }, undefined],
  [
    "a folder without address",
    roots,
    { roots: [{}] },
    "roots: a list of objects with a uri is needed",
  ],
])("%s", (_, request, answer, mistake) => {
  expect(mistakeIn(request, answer)).toBe(mistake);
});

test("a refusal is thrown at the tool, an answer is given to it", () => {
  expect(() => toAnswer(form, { action: "decline" })).toThrow(/said no \(decline\).*Which\?/);
  expect(() => toAnswer(roots, { action: "cancel" })).toThrow(/roots\/list/);
  expect(toAnswer(form, accept({ name: "a" }))).toEqual(accept({ name: "a" }));
});

test("only what the client declared is asked", () => {
  expect(() => checkDeclared(url, ["form"])).toThrow(/visit to a page/);
  expect(() => checkDeclared(url, ["url"])).not.toThrow();
  const withTools = { ...sampling, params: { ...sampling.params, tools: [] } } as InputRequest;
  expect(() => checkDeclared(withTools, ["sampling"])).toThrow(/with tools/);
});

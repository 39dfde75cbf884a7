import type { JsonObject } from "../lib/json.ts";

/** A flat form (specification 2026-07-28, client/elicitation, "Requested schema"): primitive properties only. */
export interface FormSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, JsonObject>>;
  readonly required?: readonly string[];
}

/** The user fills in a form. */
export interface FormRequest {
  readonly method: "elicitation/create";
  readonly params: {
    readonly mode?: "form";
    readonly message: string;
    readonly requestedSchema: FormSchema;
  };
}

/** The user is sent to a page; what is done there does not pass through the client. */
export interface UrlRequest {
  readonly method: "elicitation/create";
  readonly params: { readonly mode: "url"; readonly message: string; readonly url: string };
}

/** The client's model says something. `params` as MCP's `CreateMessageRequestParams`. */
export interface SamplingRequest {
  readonly method: "sampling/createMessage";
  readonly params: JsonObject & {
    readonly messages: readonly JsonObject[];
    readonly maxTokens: number;
  };
}

/** The client names the folders it works in. */
export interface RootsRequest {
  readonly method: "roots/list";
}

/** What a running tool can ask its client for, in the shapes of MCP's input requests. */
export type InputRequest = FormRequest | UrlRequest | SamplingRequest | RootsRequest;

/** The answer to a request, in the shapes of MCP's results. A refusal is no answer: `ask` throws. */
export type InputAnswer<Request extends InputRequest> = Request extends FormRequest
  ? { readonly action: "accept"; readonly content: JsonObject }
  : Request extends UrlRequest
    ? { readonly action: "accept" }
    : Request extends SamplingRequest
      ? {
          readonly role: string;
          readonly content: JsonObject | readonly JsonObject[];
          readonly model?: string;
          readonly stopReason?: string;
        }
      : { readonly roots: readonly { readonly uri: string; readonly name?: string }[] };

/** Kinds of requests, as clients declare them one by one. */
export const INPUT_KINDS = ["form", "url", "sampling", "sampling_tools", "roots"] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** What a client must have declared to be asked this. */
export function kindOf(request: InputRequest): InputKind {
  switch (request.method) {
    case "elicitation/create":
      return request.params.mode === "url" ? "url" : "form";
    case "sampling/createMessage":
      return "tools" in request.params || "toolChoice" in request.params
        ? "sampling_tools"
        : "sampling";
    case "roots/list":
      return "roots";
  }
}

import type { Scope } from "../access/scope.ts";
import type { ResourceContext } from "../resource/resource-source.ts";
import type { Content } from "../tool/tool-result.ts";

/** What a prompt may use: the tenant's own things, nothing else. */
export type PromptContext = ResourceContext;

export interface PromptArgument {
  /** For whoever fills it in. */
  readonly description: string;
  readonly required?: boolean;
  /** Values that begin with `typed`, in a stable order; `others` are the arguments filled in before. */
  readonly complete?: (
    context: PromptContext,
    typed: string,
    others: Readonly<Record<string, string>>,
  ) => Promise<readonly string[]>;
}

export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly content: Content;
}

/** A request that a person picks from a menu, filled in; as MCP's `Prompt`. Arguments are texts. */
export interface Prompt<Name extends string = string> {
  /** snake_case. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: Readonly<Record<Name, PromptArgument>>;
  /** The scope a caller needs. */
  readonly scope: Scope;
  /**
   * The messages. Required arguments are there; the rest may be.
   * @throws RefusedError whose text says what would work.
   */
  readonly build: (
    given: Readonly<Partial<Record<Name, string>>>,
    context: PromptContext,
  ) => Promise<readonly PromptMessage[]>;
}

/** A prompt of any arguments, as lists hold it. */
// biome-ignore lint/suspicious/noExplicitAny: a list of prompts of different arguments has no narrower type (contravariance)
export type AnyPrompt = Prompt<any>;

/** Declares a prompt; the type of what `build` is given follows from the arguments. */
export function definePrompt<Name extends string>(prompt: Prompt<Name>): Prompt<Name> {
  return prompt;
}

/** A message of the user with one text. */
export function said(text: string): PromptMessage {
  return { role: "user", content: { type: "text", text } };
}

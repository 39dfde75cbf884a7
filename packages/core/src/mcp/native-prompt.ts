import type { GetPromptResult, InputRequiredResult } from "@modelcontextprotocol/server";
import type { Prompt } from "../prompt/define-prompt.ts";
import type { NativeContext } from "./native-tool.ts";

/** A prompt of the protocol: it may ask for input before it is built. */
export interface NativePrompt extends Omit<Prompt, "build"> {
  readonly run: (
    given: Readonly<Record<string, string>>,
    context: Pick<NativeContext, "principal" | "mcp" | "requestState">,
  ) => Promise<GetPromptResult | InputRequiredResult>;
}

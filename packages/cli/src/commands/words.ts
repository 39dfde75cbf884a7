import { commonArgs } from "../connection/arguments.ts";

/** The words that belong to the tool: everything but the tool's name and the options all commands take. */
export function withoutCommon(words: readonly string[], tool: string): string[] {
  const rest: string[] = [];
  let named = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!named && word === tool) {
      named = true;
      continue;
    }
    const option = commonOption(word);
    if (option === undefined) rest.push(word);
    else if (option === "string" && !word.includes("=")) at += 1;
  }
  return rest;
}

function commonOption(word: string): "string" | "boolean" | undefined {
  if (!word.startsWith("--")) return undefined;
  const name = word.slice(2).split("=", 1)[0] ?? "";
  return name in commonArgs ? commonArgs[name as keyof typeof commonArgs].type : undefined;
}

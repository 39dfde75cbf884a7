import type { Client } from "@modelcontextprotocol/client";

type CallResult = Awaited<ReturnType<Client["callTool"]>>;
type Block = CallResult["content"][number];

/** A tool's result for a terminal: its text, and in a line each what is no text. */
export function resultText({ content }: Pick<CallResult, "content">): string {
  const texts = content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  // A link that the text gives already is not said twice.
  const isSaid = (block: Block) =>
    block.type === "resource_link" && texts.some((text) => text.includes(block.uri));
  return content
    .filter((block) => !isSaid(block))
    .map(blockText)
    .join("\n");
}

function blockText(block: Block): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "resource_link":
      return `${block.name}: ${block.uri}`;
    case "resource":
      return "text" in block.resource ? block.resource.text : block.resource.uri;
    default:
      return `[${block.type} of type ${block.mimeType}]`;
  }
}

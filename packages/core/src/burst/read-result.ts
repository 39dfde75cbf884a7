import { RefusedError } from "../lib/error.ts";
import { betweenCharacters, endOfPiece, INLINE_TEXT_BYTES } from "../tool/cut-text.ts";
import type { ToolResult } from "../tool/tool-result.ts";
import { toText } from "./cut-result.ts";
import type { ResultOutcome } from "./job.ts";

/** A piece of a result's text. Places are in characters, as `String.length` counts. */
export interface ResultPage {
  readonly text: string;
  readonly from: number;
  /** Where the next page begins; `total` at the end. */
  readonly to: number;
  readonly total: number;
}

export interface AskedPage {
  readonly offset: number;
  /** At most so many characters, and never more than an answer holds. */
  readonly limit: number;
}

/** Reads a stored part. @throws RefusedError `expired`. */
export type ReadPart = (part: number) => Promise<string>;

/** A stretch of a text, and where in it it begins. */
interface Stretch {
  readonly text: string;
  readonly start: number;
}

/**
 * A page of a result's text. It ends behind a line where it can.
 * @throws RefusedError `invalid_input` for an offset behind the end, `expired`.
 */
export async function readPage(
  outcome: ResultOutcome,
  asked: AskedPage,
  read: ReadPart,
): Promise<ResultPage> {
  const total = charactersOf(outcome);
  if (asked.offset > total) {
    const message = `The result's text has ${total} characters; there is none at ${asked.offset}.`;
    throw new RefusedError("invalid_input", message);
  }
  const { text, start } = await readStretch(outcome, asked, read);
  const from = betweenCharacters(text, asked.offset - start);
  const to = endOfPiece(text, from, { bytes: INLINE_TEXT_BYTES, characters: asked.limit });
  return { text: text.slice(from, to), from: start + from, to: start + to, total };
}

function storedTexts({ stored = [] }: ResultOutcome) {
  return stored.filter(({ kind }) => kind === "text");
}

/** Where no text is stored, all of it is in the answer. */
function ownText({ result }: { readonly result: ToolResult }): string {
  return toText(result.content);
}

function charactersOf(outcome: ResultOutcome): number {
  const texts = storedTexts(outcome);
  if (texts.length === 0) return ownText(outcome).length;
  return texts.reduce((sum, { characters }) => sum + characters, 0);
}

/** The parts that a page lies in, and the one its end does: whether a page is the last shows in them. */
async function readStretch(
  outcome: ResultOutcome,
  { offset, limit }: AskedPage,
  read: ReadPart,
): Promise<Stretch> {
  const texts = storedTexts(outcome);
  if (texts.length === 0) return { text: ownText(outcome), start: 0 };
  let start = 0;
  let first: number | undefined;
  let text = "";
  // Stored text is always what comes first, so a text's place in the list is its part's number.
  for (const [part, { characters }] of texts.entries()) {
    const end = start + characters;
    const isNeeded = end > offset || part === texts.length - 1;
    if (isNeeded && start <= offset + limit) {
      first ??= start;
      text += await read(part);
    }
    start = end;
  }
  return { text, start: first ?? 0 };
}

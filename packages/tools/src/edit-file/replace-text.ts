import { RefusedError } from "@zenode/core";
import type { EditFileInput } from "./input.ts";

type TextEdit = EditFileInput["edits"][number];

export interface Replaced {
  readonly text: string;
  /** Line of each replacement in the text as the edit found it, counted from 1. */
  readonly lines: readonly number[];
}

/** Where so many are shown, more say nothing new. */
const SHOWN = 10;

/** @throws RefusedError `not_found` (the text is not there), `invalid_input` (it is there more than once, or changes nothing). */
export function replaceText(text: string, edit: TextEdit, number: number): Replaced {
  const { old_text: old, new_text: next, replace_all: isAll } = edit;
  if (old === next) {
    throw new RefusedError("invalid_input", `Edit ${number}: old_text and new_text are the same.`);
  }
  const places = placesOf(text, old);
  if (places.length === 0) throw notFound(text, old, number);
  const lines = linesAt(text, places);
  if (places.length > 1 && !isAll) {
    throw new RefusedError(
      "invalid_input",
      `Edit ${number}: old_text is there ${places.length} times, at lines ${shorten(lines)}. Give more of the text around the one that is meant, or set replace_all.`,
    );
  }
  return { text: text.split(old).join(next), lines };
}

/** Offsets of every occurrence, none inside another. */
function placesOf(text: string, old: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + old.length)) {
    places.push(at);
  }
  return places;
}

/** `places` ascend. */
function linesAt(text: string, places: readonly number[]): readonly number[] {
  let [line, at] = [1, 0];
  return places.map((place) => {
    for (; at < place; at++) if (text.charCodeAt(at) === 10) line++;
    return line;
  });
}

function shorten(lines: readonly number[]): string {
  const shown = lines.slice(0, SHOWN).join(", ");
  return lines.length > SHOWN ? `${shown}, …` : shown;
}

function notFound(text: string, old: string, number: number): RefusedError {
  return new RefusedError(
    "not_found",
    `Edit ${number}: old_text is not in the file.${hintAt(text, old)} Read the file again and copy the text exactly.`,
  );
}

/** Why a text that looks right is not there. */
function hintAt(text: string, old: string): string {
  if (text.includes("\r\n") && text.includes(old.replaceAll(/\r?\n/g, "\r\n"))) {
    return " The file's lines end in CRLF (\\r\\n), those of old_text do not.";
  }
  const plain = (value: string) => value.replaceAll(/\s+/g, " ").trim();
  const wanted = plain(old);
  if (wanted !== "" && plain(text).includes(wanted)) {
    return " It is there with other white space (indentation or line ends).";
  }
  return "";
}

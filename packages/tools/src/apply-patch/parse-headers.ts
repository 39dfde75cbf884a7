import { RefusedError } from "@zenode/core";
import { badPatch, type FilePatch, type Mode } from "./patch.ts";
import type { PatchLines } from "./patch-lines.ts";
import { type Headers, resolveNames } from "./patch-names.ts";

/** A name of 4,096 bytes, each of them quoted, twice. */
const MAX_HEADER = 40_000;
const EXTENDED =
  /^(old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to|similarity index|dissimilarity index|index) (.*)$/s;
const MODES: readonly Mode[] = ["100644", "100755", "120000"];

/**
 * What stands above the hunks of a file (git-diff(1), "Generating patch text with -p").
 * @throws RefusedError `invalid_input`, `invalid_path`.
 */
export function parseHeaders(lines: PatchLines): Omit<FilePatch, "hunks"> {
  const start = lines.number;
  const headers = readHeaders(lines);
  const { from, to, isCopy } = resolveNames(headers, start);
  const mode = (name: string) => parseMode(headers.get(name), start);
  const [oldMode, newMode] = [mode("old mode"), mode("new mode")];
  if ((oldMode === undefined) !== (newMode === undefined)) {
    throw badPatch(start, "`old mode` and `new mode` stand together.");
  }
  const [deleted, created] = [mode("deleted file mode"), mode("new file mode")];
  if (oldMode !== undefined && (deleted !== undefined || created !== undefined)) {
    throw badPatch(start, "a file that is made or deleted has no other mode before or after.");
  }
  const same = parseMode(/ (\d+)$/.exec(headers.get("index") ?? "")?.[1], start);
  return {
    ...{ from, to, isCopy },
    oldMode: oldMode ?? deleted ?? same,
    newMode: newMode ?? created ?? same,
  };
}

function readHeaders(lines: PatchLines): Headers {
  const headers = new Map<string, string>();
  const take = (name: string, value: string) => {
    if (headers.has(name)) throw badPatch(lines.number, `\`${name}\` stands here twice.`);
    if (value.length > MAX_HEADER) throw badPatch(lines.number, "no header is so long.");
    headers.set(name, value);
    lines.skip();
  };
  const first = lines.peekHeader() ?? "";
  if (first.startsWith("diff --git ")) {
    take("git", first.slice("diff --git ".length));
    for (let next = readExtended(lines); next; next = readExtended(lines)) take(...next);
  }
  if (lines.isFileStart() && lines.peek()?.startsWith("--- ")) {
    take("---", (lines.peekHeader() ?? "").slice(4));
    take("+++", (lines.peekHeader() ?? "").slice(4));
  }
  return headers;
}

function readExtended(lines: PatchLines): readonly [name: string, value: string] | undefined {
  const line = lines.peekHeader() ?? "";
  refuseBinary(line, lines.number);
  const [, name, value] = EXTENDED.exec(line) ?? [];
  return name === undefined || value === undefined ? undefined : [name, value];
}

function refuseBinary(line: string, number: number): void {
  if (line !== "GIT binary patch" && !line.startsWith("Binary files ")) return;
  throw badPatch(
    number,
    "binary changes can't be applied. Leave this file out, and write it whole.",
  );
}

function parseMode(text: string | undefined, line: number): Mode | undefined {
  if (text === undefined) return undefined;
  const mode = MODES.find((known) => known === text);
  if (mode) return mode;
  const why =
    text === "160000"
      ? "submodules can't be applied. Leave it out."
      : `${JSON.stringify(text.slice(0, 20))} is no mode: 100644, 100755 (executable) or 120000 (link).`;
  throw new RefusedError("invalid_input", `Line ${line} of the patch: ${why}`);
}

import { RefusedError, type Snapshot, structured, type ToolContext } from "@zenode/core";
import { parseGlob } from "../glob/parse-glob.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import { formatMatches, toShownLine } from "./format-matches.ts";
import type { SearchFilesInput } from "./input.ts";
import { parsePattern } from "./pattern.ts";
import type { Match, Search, SearchEngine } from "./search.ts";
import { inProcess } from "./search-in-process.ts";

export const run = refusalToFailure<SearchFilesInput>(async (input, context) => {
  const snapshot = await openProject(context, input.project);
  const search = await parseSearch(input, snapshot, context);
  const engine = await chooseEngine(context);
  const matches: Match[] = [];
  let truncated = false;
  for await (const match of engine.find(search)) {
    truncated = matches.length === input.max_results;
    if (truncated) break;
    matches.push(match);
  }
  // A small search may have ended before the signal could end it: what is cancelled has no result.
  context.signal.throwIfAborted();
  const text = await formatMatches(matches, input.context, (path) => engine.read(search, path));
  const answer = {
    project: snapshot.project,
    snapshot: snapshot.number,
    matches: matches.map(({ path, line, text: shown }) => ({
      path,
      line,
      text: toShownLine(shown),
    })),
    truncated,
  };
  return structured(
    answer,
    text === "" ? "No matches." : text + describeRest(truncated, matches.length),
  );
});

function describeRest(truncated: boolean, shown: number): string {
  if (!truncated) return "";
  return `… stopped after ${shown} matches; there are more. Narrow the search, or raise max_results.\n`;
}

async function parseSearch(
  input: SearchFilesInput,
  snapshot: Snapshot,
  context: ToolContext,
): Promise<Search> {
  const path = toPath(input.path);
  const pattern = parsePattern(input.pattern, input.ignore_case);
  const matchesGlob = parseGlob(input.glob);
  const { kind } = await snapshot.entry(path);
  if (kind === "link") {
    throw new RefusedError("not_a_file", `${path} is a symbolic link, which is not followed.`);
  }
  // A file is its own directory's child: its glob speaks of its name.
  const base = kind === "file" ? path.slice(0, path.lastIndexOf("/") + 1) : path && `${path}/`;
  const isWanted = (found: string) => matchesGlob(found.slice(base.length));
  // One more tells that there are more.
  const maxMatches = input.max_results + 1;
  return { snapshot, pattern, path, kind, isWanted, maxMatches, context };
}

/** ripgrep where there is a machine to run it on; else this process. */
async function chooseEngine({ computer }: ToolContext): Promise<SearchEngine> {
  if (!computer) return inProcess;
  return (await import("./search-with-ripgrep.ts")).withRipgrep(computer);
}

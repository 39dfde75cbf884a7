import type { Deed, Outcome } from "./deed.ts";
import { applyChanges, isSameAt, type ModelChange, type State, touchedBy } from "./state.ts";

/** What a project held: the state of snapshot n stands at n; at 0 there is nothing yet. */
export interface Line {
  readonly states: State[];
  /** Who made snapshot n, and from what. */
  readonly makers: (Deed | undefined)[];
}

/** A project's line; a new one begins with nothing. */
export function findLine(lines: Map<string, Line>, project: string): Line {
  const line = lines.get(project) ?? { states: [new Map()], makers: [undefined] };
  lines.set(project, line);
  return line;
}

type Refused = Extract<Outcome, { readonly kind: "refused" }>;

/** A project's line, and its newest number before the round. */
interface Past extends Line {
  readonly before: number;
}

/** Why a refusal is wrong; undefined: it is right. */
export function explainRefusal(deed: Deed, refused: Refused, past: Past): string | undefined {
  const { intent } = deed;
  switch (intent.kind) {
    case "none":
    case "read":
      if (refused.code === "not_found" && past.before === 0) return undefined;
      return "Nothing was to be refused.";
    case "create":
      if (refused.code === "conflict" && past.states.length > 1) return undefined;
      return "Nobody had made the project.";
    case "push":
      return explainPush(intent.base ?? 0, refused, past);
    case "change":
      return explainChange(intent, refused, past);
  }
}

function explainPush(base: number, { code, message }: Refused, past: Past): string | undefined {
  if (code !== "conflict") return "A push is refused for conflicts only.";
  const named = Number(/ is at snapshot (\d+) \(by \w+\)/.exec(message)?.[1]);
  if (named > base && named < past.states.length) return undefined;
  return `Nobody had moved the head beyond ${base}.`;
}

function explainChange(
  { base: number, changes }: { readonly base: number; readonly changes: readonly ModelChange[] },
  { code, message }: Refused,
  { states, makers }: Past,
): string | undefined {
  const base = states[number] ?? new Map<string, never>();
  if (code !== "conflict") {
    const expected = applyChanges(changes, base, base);
    if (typeof expected !== "string") return "It can be done.";
    return expected === code ? undefined : `It was to be refused as ${expected}.`;
  }
  const told = /^(.*) was changed by (\w+) in snapshot (\d+)\./s.exec(message);
  const [path, snapshot] = [told?.[1], Number(told?.[3])];
  if (path === undefined || !touchedBy(changes).includes(path))
    return "It names no path of its own.";
  const first = states.findIndex((state, at) => at > number && !isSameAt(path, base, state));
  if (first < 0) return `Nobody had changed ${path}.`;
  const user = makers[first]?.user;
  if (first === snapshot && told?.[2] === user) return undefined;
  return `${path} was changed by ${user} in snapshot ${first}.`;
}

import type { Projects } from "@zenode/core";
import type { Files } from "@zenode/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { diff } from "./diff/tool.ts";
import { history } from "./history/tool.ts";
import { restore } from "./restore/tool.ts";
import { gitApply, type Listing } from "./testing/git-apply.ts";
import { ToolWorkspace, toStructured } from "./testing/tool-workspace.ts";

/** Of a file its text and whether it can be run; of a link `-> target`. */
type State = ReadonlyMap<string, string>;

const PATHS = ["a", "b b", "src", "src/x", "src/deep/y", "src/deep/z", 'ü"'];

const text = fc
  .tuple(
    fc.array(fc.constantFrom("1", "2", "", "+x", "-y", "\\", "é\r"), { maxLength: 6 }),
    fc.boolean(),
  )
  .map(([lines, ends]) => lines.join("\n") + (ends ? "\n" : ""));
const content = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: text.map((each) => `*${each}`) },
  { weight: 1, arbitrary: fc.constantFrom("-> a", "-> b b") },
);
const state = fc.dictionary(fc.constantFrom(...PATHS), content).map((files): State => {
  const entries = Object.entries(files).filter(
    ([path]) => !(path.startsWith("src/") && "src" in files),
  );
  return new Map(entries);
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("push" as const), state }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("restore" as const),
      back: fc.nat(6),
      path: fc.constantFrom(undefined, undefined, "src/deep", ...PATHS),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "delete" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "create" } as const) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A project's line as it must be: a state for each snapshot, undefined for deletions. */
class Model {
  readonly line: (State | undefined)[] = [];

  get now(): State | undefined {
    return this.line.at(-1);
  }

  at(number: number): State {
    return this.line[number - 1] ?? new Map();
  }

  /** Where the same is there already, there is no new snapshot. */
  become(next: State): void {
    if (!this.now || !isSame(this.now, next)) this.line.push(next);
  }
}

const isSame = (a: State, b: State) => a.size === b.size && differing(a, b).length === 0;

function differing(a: State, b: State): readonly string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path)).sort();
}

const isBelow = (path: string, top: string) => path === top || path.startsWith(`${top}/`);
const below = (files: State, top: string): State =>
  new Map([...files].filter(([path]) => isBelow(path, top)));

/** What restoring makes of a state; undefined: it is refused. */
function restored(now: State | undefined, old: State, top: string | undefined): State | undefined {
  if (top === undefined) return old;
  const [rest, back] = [[...(now ?? [])].filter(([path]) => !isBelow(path, top)), below(old, top)];
  if (back.size === 0 && below(now ?? new Map(), top).size === 0) return undefined;
  const isBlocked = rest.some(([path]) => top.startsWith(`${path}/`));
  return isBlocked ? undefined : new Map([...rest, ...back]);
}

async function take(workspace: ToolWorkspace, model: Model, done: Step): Promise<void> {
  const projects: Projects = workspace.projects();
  switch (done.kind) {
    case "push":
      await workspace.push("app", toFiles(done.state));
      return model.become(done.state);
    case "delete":
      if (!model.now) return void (await expect(projects.delete("app")).rejects.toThrow());
      await projects.delete("app");
      return void model.line.push(undefined);
    case "create":
      if (model.now) return void (await expect(projects.create("app")).rejects.toThrow());
      await projects.create("app");
      return void model.line.push(new Map());
    case "restore": {
      const number = Math.max(1, model.line.length - done.back);
      const old = model.line[number - 1];
      const next = old && restored(model.now, old, done.path);
      const args = { project: "app", snapshot: number, ...(done.path && { path: done.path }) };
      const result = await workspace.run(restore, args);
      expect([result.isError === true, args, result.content]).toEqual([
        next === undefined,
        args,
        result.content,
      ]);
      if (next) model.become(next);
    }
  }
}

function toFiles(files: State): Files {
  return Object.fromEntries(
    [...files].map(([path, each]) => {
      if (each.startsWith("-> ")) return [path, { link: each.slice(3) }];
      return each.startsWith("*") ? [`${path}*`, each.slice(1)] : [path, each];
    }),
  );
}

function toListing(files: State): Listing {
  return Object.fromEntries(
    [...files].map(([path, each]) =>
      each.startsWith("*") ? [`${path}*`, each.slice(1)] : [path, each],
    ),
  );
}

async function checkDiff(workspace: ToolWorkspace, model: Model, from: number, to: number) {
  const result = await workspace.run(diff, { project: "app", from, to });
  const { files, complete } = toStructured(result) as unknown as {
    readonly files: readonly { readonly path: string; readonly from_path?: string }[];
    readonly complete: boolean;
  };
  const told = new Set(files.flatMap(({ path, from_path }) => [path, from_path ?? path]));
  expect([...told].sort()).toEqual(differing(model.at(from), model.at(to)));
  expect(complete).toBe(true);
  const patch = result.content[1];
  const after = gitApply(toListing(model.at(from)), patch?.type === "text" ? patch.text : "");
  expect(after).toEqual(toListing(model.at(to)));
}

async function checkHistory(workspace: ToolWorkspace, model: Model) {
  for (const path of ["src/deep", ...PATHS]) {
    const numbers = model.line
      .map((_, at) => at + 1)
      .filter((at) => !isSame(below(model.at(at), path), below(model.at(at - 1), path)));
    const result = await workspace.run(history, { project: "app", path, limit: 200 });
    const told = toStructured(result).snapshots as unknown as { readonly snapshot: number }[];
    expect([path, told.map(({ snapshot }) => snapshot)]).toEqual([path, numbers.reverse()]);
  }
  const all = toStructured(await workspace.run(history, { project: "app", limit: 200 }));
  expect(all.snapshots).toEqual(
    model.line
      .map((files, at) => expect.objectContaining({ snapshot: at + 1, files: files?.size ?? 0 }))
      .reverse(),
  );
}

test("history, diff and restore agree with a list of all states, whatever was done", async () => {
  await fc.assert(
    fc.asyncProperty(
      state,
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { minLength: 2, maxLength: 3 }),
      async (first, steps, pairs) => {
        const workspace = await ToolWorkspace.of({ app: toFiles(first) });
        const model = new Model();
        model.line.push(first);
        for (const each of steps) await take(workspace, model, each);
        await checkHistory(workspace, model);
        const last = model.line.length;
        for (const [a, b] of pairs)
          await checkDiff(workspace, model, a % (last + 1), (b % last) + 1);
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  type Computer,
  type FileChange,
  type Json,
  type Projects,
  type Sandbox,
  StoredProjects,
  type ToolContext,
} from "@zenode/core";
import { openWriting } from "@zenode/core/storage";
import {
  MemoryJobStore,
  MemorySnapshotStore,
  MemoryWorkspace,
  makeJob,
  makePrincipal,
} from "@zenode/core/testing";
import { expect, test } from "vitest";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import type { RunCommandInput } from "./input.ts";
import { run } from "./run.ts";
import { runCommand } from "./tool.ts";

const INPUT: RunCommandInput = {
  ...{ project: "app", command: "make", timeout_seconds: 10, commit: "commit", max_output_kb: 16 },
};
const file = (path: string, text: string): FileChange => {
  const content = new TextEncoder().encode(text);
  return { kind: "file", path, content, executable: false };
};

async function* nothing(): AsyncGenerator<Uint8Array> {
  // It writes nothing.
}

/** No time passes here. */
const untilAborted = (_: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });

/** A sandbox whose commands end well and have made `changes`; `ran` is told of each. */
function sandboxOf(projects: Projects, changes: readonly FileChange[], ran: () => void): Sandbox {
  return {
    limits: { memoryBytes: 1, processes: 1, diskBytes: 1 },
    isolation: async () => "none",
    run: async () => {
      ran();
      const ended = Promise.resolve({ code: 0, signal: null });
      return { stdout: nothing(), stderr: nothing(), ended, kill: () => undefined };
    },
    changes: async (project) => {
      const base = await projects.open(project);
      const modified = changes.map(({ path }) => path);
      return { base, changes, added: [], modified, deleted: [], leftOut: [] };
    },
  };
}

/** A job of a worker over memory stores; `claim` gives it to another one, as after a loss. */
async function jobThatMakes(changes: readonly FileChange[]) {
  const { clock, packs, choices, codec, storage, limits } = new MemoryWorkspace();
  const jobs = new MemoryJobStore(clock);
  const snapshots = new MemorySnapshotStore(jobs);
  const principal = makePrincipal();
  const job = makeJob({}, principal, clock.now());
  await jobs.create(job);
  const writing = async () => openWriting({ snapshots, packs, codec, clock, storage });
  const stores = { principal, snapshots, packs, choices, codec, writing };
  const others = new StoredProjects(stores);
  await others.change(await others.create("app"), [file("a", "a"), file("b", "b")], "");
  const kept = { runs: 0, checkpoint: undefined as Json | undefined };
  let fence = 0;
  const claim = async (): Promise<ToolContext> => {
    const { tenant } = principal;
    const now = clock.now();
    await jobs.release({ tenant, id: job.id, fence }, now);
    fence =
      (await jobs.claim(tenant, job.id, { worker: "w", leaseUntil: now + 1, now }))?.fence ?? 0;
    const projects = new StoredProjects({ ...stores, lease: { tenant, id: job.id, fence } });
    const computer: Computer = {
      ripgrep: "",
      checkout: async () => ({ folder: realpathSync(tmpdir()), snapshot: 2 }),
      start: () => {
        throw new Error("It starts nothing of ours.");
      },
      sandbox: sandboxOf(projects, changes, () => (kept.runs += 1)),
    };
    return {
      ...(await ToolWorkspace.of({})).context(computer),
      projects,
      clock: { now: clock.now, sleep: untilAborted },
      checkpoint: async (state) => {
        kept.checkpoint = structuredClone(state);
      },
      ...(kept.checkpoint !== undefined && { resumed: kept.checkpoint }),
    };
  };
  const newest = async () => (await others.list()).find(({ name }) => name === "app")?.snapshot;
  return { claim, kept, newest, others, limits };
}

test("a job that was lost behind its commit tells its result, and neither runs nor commits again", async () => {
  const { claim, kept, newest } = await jobThatMakes([file("a", "A")]);
  await run(INPUT, await claim());
  const again = await run(INPUT, await claim());
  expect(toStructured(again)).toMatchObject({ committed: 3, snapshot: 2, modified: ["a"] });
  expect([await newest(), kept.runs]).toEqual([3, 1]);
});

test("a job that was lost before its commit runs again and commits once", async () => {
  const { claim, kept, newest } = await jobThatMakes([file("a", "A")]);
  const lost = await claim();
  const change = () => Promise.reject(new Error("The worker is gone."));
  const projects = Object.assign(Object.create(lost.projects), lost.projects, {
    open: lost.projects.open.bind(lost.projects),
    committed: lost.projects.committed.bind(lost.projects),
    change,
  });
  await expect(run(INPUT, { ...lost, projects })).rejects.toThrow("gone");
  expect(toStructured(await run(INPUT, await claim()))).toMatchObject({ committed: 3 });
  expect([await newest(), kept.runs]).toEqual([3, 2]);
});

test.each([
  [{ storedBytes: -1e9 }, /^The storage is full: /],
  [{ snapshotsPerProject: 2 }, /^2 snapshots of app are kept, and there may be 2\./],
  [{ filesPerProject: 2 }, /^app would have 3 files, and a project may have 2; it has 2\./],
])(
  "a command's files that there is no room for are not committed, which the result says: %j",
  async (lower, why) => {
    const { claim, kept, newest, limits } = await jobThatMakes([file("c", "new")]);
    Object.assign(limits, lower);
    const result = toStructured(await run(INPUT, await claim()));
    expect(result).toMatchObject({ modified: ["c"], not_committed: expect.stringMatching(why) });
    expect(result).not.toHaveProperty("committed");
    expect([await newest(), kept.runs]).toEqual([2, 1]);
  },
);

test("a worker that is late commits nothing", async () => {
  const { claim, newest } = await jobThatMakes([file("a", "A")]);
  const late = await claim();
  await claim();
  await expect(run(INPUT, late)).rejects.toMatchObject({ name: "FencedError" });
  expect(await newest()).toBe(2);
});

test("where only conflicting files were changed nothing is committed, and they are kept", async () => {
  const { claim, others, newest } = await jobThatMakes([
    file("a", "A"),
    { kind: "absent", path: "b" },
  ]);
  const context = await claim();
  const base = await context.projects.open("app");
  await others.change(base, [file("a", "theirs"), file("b", "theirs")], "");
  const { sandbox } = context.computer as Computer & { sandbox: Sandbox };
  const stale = {
    ...sandbox,
    changes: async (name: string) => ({ ...(await sandbox.changes(name)), base }),
  };
  const computer = { ...(context.computer as Computer), sandbox: stale };
  const result = toStructured(await run(INPUT, { ...context, computer }));
  expect(result).toMatchObject({
    conflicts: ["a was changed by ada in snapshot 3.", "b was changed meanwhile."],
  });
  expect(result).not.toHaveProperty("committed");
  expect(await newest()).toBe(3);
  const kept = await others.open(String(result.kept_in));
  expect(new TextDecoder().decode(await kept.read("a", 10))).toBe("A");
});

test("a server of the user's own folder says that it runs no commands", async () => {
  const workspace = await ToolWorkspace.of({ app: { a: "" } });
  const result = await workspace.run(runCommand, { command: "ls" });
  expect([result.isError, toText(result)]).toEqual([
    true,
    "This server runs no commands: it serves your own folder, on your own machine. Run the command there yourself.",
  ]);
});

test.each([
  ["PATH=x", "1"],
  ["A B", "1"],
  ["ZENODE_CALL_PROCESSES", "1"],
  ["A", "a\0b"],
])("%j can't be set in a command's environment", async (name, value) => {
  const { claim } = await jobThatMakes([]);
  const result = await run({ ...INPUT, env: { [name]: value } }, await claim());
  expect([result.isError, toText(result)]).toEqual([true, `${name} can't be set in env.`]);
});

test("a directory that is none of the project's can't be run in", async () => {
  const { claim } = await jobThatMakes([]);
  for (const folder of ["no-such-directory", "../etc", "/etc"]) {
    expect((await run({ ...INPUT, folder }, await claim())).isError).toBe(true);
  }
});

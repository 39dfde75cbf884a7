import { expect, test } from "vitest";
import { HOUR } from "../../lib/duration.ts";
import { type Files, MemoryWorkspace, makePrincipal } from "../../testing/workspace-memory.ts";
import type { FileChange } from "../change/file-change.ts";
import type { Snapshot } from "../projects.ts";
import type { PushTransport } from "../push-client.ts";

const HARD = { snapshotsKept: 1, daysKept: 1 };

class RacedWorkspace extends MemoryWorkspace {
  /** Lets time pass, the collector coming by as it does. */
  async pass(hours: number): Promise<number> {
    let deleted = 0;
    for (let left = hours; left > 0; left -= 6) {
      this.now += Math.min(left, 6) * HOUR;
      deleted += (await this.sweep(HARD)).deletedPacks;
    }
    expect(this.errors).toEqual([]);
    return deleted;
  }

  async contents(snapshot?: Snapshot): Promise<Record<string, string>> {
    const from = snapshot ?? (await this.projects().open("app"));
    const found: Record<string, string> = {};
    for await (const { path } of from.walk())
      found[path] = new TextDecoder().decode(await from.read(path, 1_000));
    return found;
  }

  async packsOf(number: number): Promise<readonly string[]> {
    const record = await this.snapshots.get("u-ada", "app", number);
    return (record?.packs ?? []).map(({ id }) => id);
  }

  /** Pushes files one by one until their packs have been written anew as one. */
  async merge(files: Record<string, string>): Promise<void> {
    for (let file = 0; file < 12; file += 1) {
      files[`${file}.txt`] = `text ${file}`;
      await this.push("app", files);
    }
    expect((await this.packsOf(13)).length).toBeLessThan(12);
  }
}

/** A push that stops before a step, until it is let on. */
function held(workspace: RacedWorkspace, step: "commit" | "upload") {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const real = workspace.transport();
  const stop = async () => {
    reached.resolve();
    await goOn.promise;
  };
  const transport: PushTransport = {
    ...real,
    upload: async (request) => {
      if (step === "upload") await stop();
      return real.upload(request);
    },
    commit: async (request) => {
      if (step === "commit") await stop();
      return real.commit(request);
    },
  };
  return { transport, reached: reached.promise, goOn: () => goOn.resolve() };
}

test.each(["upload", "commit"] as const)(
  "a push that waits before %s while its base's packs are merged and collected names none of them",
  async (step) => {
    const workspace = new RacedWorkspace();
    const first: Files = { "kept.txt": "kept", "other.txt": "other" };
    await workspace.push("app", first);
    const before = await workspace.packsOf(1);
    const { transport, reached, goOn } = held(workspace, step);
    const late = workspace.push("app", { ...first, "late.txt": "late" }, { transport });
    late.catch(() => undefined);
    await reached;
    await workspace.merge({ ...(first as Record<string, string>) });
    expect(await workspace.pass(80)).toBeGreaterThan(0);
    const stored = [...workspace.packs.keys()].join();
    expect(before.filter((id) => stored.includes(id))).toEqual([]);
    goOn();
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    await workspace.push("app", { ...first, "late.txt": "late" });
    await workspace.pass(80);
    expect(await workspace.contents()).toEqual({ ...first, "late.txt": "late" });
  },
);

test("a job reads and restores, to the end of its day, a snapshot that was forgotten while it ran", async () => {
  const workspace = new RacedWorkspace();
  const old = { "a.txt": "old", "b.txt": "old too" };
  await workspace.push("app", old);
  await workspace.merge({ "c.txt": "new" });
  workspace.now += 24.9 * HOUR;
  const projects = workspace.projects();
  const job = await projects.openAt("app", 1);
  const head = await projects.open("app");
  workspace.now += 0.2 * HOUR;
  expect(await workspace.sweep(HARD)).toMatchObject({ forgotten: 12 });
  await expect(workspace.projects().openAt("app", 1)).rejects.toMatchObject({ code: "not_found" });
  await workspace.pass(23.7);
  expect(await workspace.contents(job)).toEqual(old);
  const changes: FileChange[] = ["a.txt", "b.txt"].map((path) => ({
    ...{ kind: "copy", path, from: path, snapshot: job },
  }));
  await projects.change(head, changes, "restore");
  await workspace.pass(100);
  expect(await workspace.contents()).toMatchObject(old);
});

test("a commit repeated to the end of its uploads' time keeps the packs that an earlier try had stored", async () => {
  const workspace = new RacedWorkspace();
  const principal = makePrincipal();
  const commits: Parameters<PushTransport["commit"]>[0][] = [];
  const real = workspace.transport();
  const cut = async (request: (typeof commits)[number]) => {
    commits.push(request);
    throw new Error("The line was cut.");
  };
  await workspace.push("app", { "a.txt": "1" });
  const files = { "a.txt": "1", "b.txt": "2" };
  await expect(
    workspace.push("app", files, { transport: { ...real, commit: cut } }),
  ).rejects.toThrow("cut");
  const [request] = commits;
  if (!request) throw new Error("Nothing was committed.");
  // A first try stored its packs and lost the head to somebody else.
  const service = workspace.service;
  const { commit } = workspace.snapshots;
  workspace.snapshots.commit = async () => false;
  await expect(service.commit({ ...request, principal })).rejects.toMatchObject({
    code: "conflict",
  });
  workspace.snapshots.commit = commit;
  await workspace.pass(12);
  expect(await service.commit({ ...request, principal })).toMatchObject({ kind: "committed" });
  await workspace.pass(100);
  expect(await workspace.contents()).toEqual(files);
  const late = { ...request, base: 2, root: "0".repeat(64), principal };
  await expect(service.commit(late)).rejects.toMatchObject({ code: "expired" });
});

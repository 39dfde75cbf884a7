import { expect, test } from "vitest";
import { RefusedError } from "../lib/error.ts";
import { MemoryWorkspace, makePrincipal } from "../testing/workspace-memory.ts";
import { PullService } from "./pull-service.ts";
import { isOtherProject, RemoteProject, readLeaves } from "./remote-project.ts";

/** 300 files in 30 directories. */
const many = (): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`d${at % 30}/f${at}`, `content ${at}\n`.repeat(20)]),
  );

test("a snapshot is read from outside as it was pushed, with few requests", async () => {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", { ...many(), "run*": "#!", link: { link: "run" } });
  const remote = workspace.remote("app");
  const head = await remote.open();
  const leaves = head ? await readLeaves(head) : new Map();
  expect(leaves.size).toBe(302);
  expect(leaves.get("run")).toMatchObject({ kind: "file", executable: true, bytes: 2 });
  expect(leaves.get("link")).toEqual({ kind: "link", target: "run" });
  expect(remote.received.requests).toBe(2);
});

test("who has the snapshot before reads what changed and little more", async () => {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", many());
  const before = await workspace.remote("app").open();
  const known = before ? await readLeaves(before) : new Map();
  await workspace.push("app", { ...many(), "d3/f3": "another" });
  const remote = workspace.remote("app");
  remote.learn(known);
  const head = await remote.open();
  const leaves = head ? await readLeaves(head) : new Map();
  expect(leaves.get("d3/f3")).toMatchObject({ bytes: 7 });
  expect(leaves.size).toBe(300);
  // The new pack's index and its trees.
  expect(remote.received.requests).toBe(2);
  expect(remote.received.bytes).toBeLessThan(2_500);
});

test("URLs that expired are asked for again, once for all that wait", async () => {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", many());
  const pulls = new PullService(workspace);
  let [begins, hasExpired] = [0, false];
  const remote = new RemoteProject({
    project: "app",
    codec: workspace.codec,
    transport: {
      begin: (request) => {
        begins += 1;
        return pulls.begin({ ...request, principal: makePrincipal() });
      },
      read: async (url, start, length) => {
        if (begins === 1 && hasExpired) throw new RefusedError("expired", "over");
        hasExpired = begins === 1;
        return (await workspace.packs.download(url, start, length)) ?? new Uint8Array();
      },
    },
  });
  const head = await remote.open();
  expect(head && (await readLeaves(head)).size).toBe(300);
  expect(begins).toBe(2);
});

test("a pull is refused without a scope, to other tenants, and for snapshots that are not there", async () => {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", { a: "1" });
  await workspace.push("app", { a: "2" });
  const pulls = new PullService(workspace);
  const begin = (request: object, who: object = {}) =>
    pulls.begin({ project: "app", ...request, principal: makePrincipal(who) });
  await expect(begin({}, { scopes: new Set() })).rejects.toMatchObject({ code: "forbidden" });
  await expect(begin({}, { tenant: "u-eve" })).rejects.toMatchObject({ code: "not_found" });
  await expect(begin({ snapshot: 3 })).rejects.toMatchObject({ code: "not_found" });
  await expect(begin({ project: "../app" })).rejects.toMatchObject({ code: "invalid_input" });
  const { packs, knownRoot } = await begin({ known: 2 });
  expect(packs).toEqual([]);
  expect(knownRoot).toBe((await begin({})).root);
  expect(await begin({ snapshot: 1, known: 2 })).toMatchObject({ snapshot: 1, head: 2, knownRoot });
});

test("a snapshot that is forgotten can't be pulled, and who was in sync with it still has the same project", async () => {
  const workspace = new MemoryWorkspace();
  for (const a of ["1", "2", "3"]) await workspace.push("app", { a });
  const pulls = new PullService(workspace);
  const begin = (request: object) =>
    pulls.begin({ project: "app", ...request, principal: makePrincipal() });
  const { root } = await begin({ snapshot: 1 });
  await workspace.snapshots.forget("u-ada", "app", 1, workspace.now);
  await expect(begin({ snapshot: 1 })).rejects.toMatchObject({ code: "not_found" });
  const is = (facts: { knownRoot?: string | undefined; head: number }, snapshot: number) =>
    isOtherProject(facts, { snapshot, root });
  expect(is(await begin({ known: 1 }), 1)).toBe(false);
  expect(is(await begin({ known: 2 }), 2)).toBe(true);
  expect(is(await begin({ known: 4 }), 4)).toBe(true);
});

test("a deleted project can't be pulled, its last snapshot can", async () => {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", { a: "1" });
  await workspace.projects().delete("app");
  const remote = workspace.remote("app");
  expect(await remote.open()).toBeUndefined();
  const last = await remote.open(1);
  expect(last && [...(await readLeaves(last)).keys()]).toEqual(["a"]);
});

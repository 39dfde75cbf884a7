import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Leaves, MIB, planPull, readLeaves } from "@zenode/core";
import { type Files, MemoryWorkspace, noise } from "@zenode/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderScan } from "../folder-scan.ts";
import { viewFolder } from "./folder-view.ts";
import { updateFolder } from "./update-folder.ts";

let base: string;
let root: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(os.tmpdir(), "zenode-update-")));
  root = path.join(base, "root");
  await mkdir(root);
});
afterEach(() => rm(base, { recursive: true, force: true }));

const at = (relative: string) => path.join(root, relative);
const text = (relative: string) => readFile(at(relative), "utf8");

async function look(scan: FolderScan) {
  await scan.refresh();
  return viewFolder(scan, { known: new Map(), tracked: [], now: Date.now });
}

/** Plans a pull of files onto what the folder is now, lets something happen, then carries it out. */
async function pull(files: Files, agreed: Leaves, meanwhile: () => Promise<unknown>) {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", files);
  const project = workspace.remote("app");
  const head = await project.open();
  if (!head) throw new Error("It was just pushed.");
  const scan = new FolderScan(root);
  const view = await look(scan);
  const remote = await readLeaves(head);
  const plan = planPull({ base: agreed, local: view.local, remote, snapshot: 1 });
  await meanwhile();
  const before = project.received.bytes;
  const outcome = await updateFolder({
    ...{ root, plan, view },
    fetch: (wanted, held) => head.snapshot.readMany(wanted, held),
  });
  return { ...outcome, bytes: project.received.bytes - before };
}

/** What the folder is now, as what was agreed on. */
async function asAgreed(): Promise<Leaves> {
  return (await look(new FolderScan(root))).local as Leaves;
}

const nothing = async () => undefined;

test("a plan comes into the folder: new, changed, gone, executable, links", async () => {
  await mkdir(at("gone/deep"), { recursive: true });
  await writeFile(at("gone/deep/x"), "x");
  await writeFile(at("a"), "a");
  await writeFile(at("moved"), "the same content");
  const files = { a: "a1", "b/c/run*": "#!", "b/link": { link: "../a" }, here: "the same content" };
  const outcome = await pull(files, await asAgreed(), nothing);
  expect(outcome).toMatchObject({ removed: ["gone/deep/x", "moved"], late: [], impossible: [] });
  expect(await text("a")).toBe("a1");
  expect(await text("b/link")).toBe("a1");
  expect(await text("here")).toBe("the same content");
  expect((await readdir(root)).sort()).toEqual(["a", "b", "here"]);
});

test("what changed after it was looked at stays, and is told", async () => {
  await writeFile(at("a"), "a");
  await writeFile(at("b"), "b");
  const agreed = await asAgreed();
  const outcome = await pull({ a: "theirs", new: "theirs" }, agreed, async () => {
    await writeFile(at("a"), "mine");
    await writeFile(at("b"), "mine too");
    await writeFile(at("new"), "mine as well");
  });
  expect(outcome.late.toSorted()).toEqual(["a", "b", "new"]);
  expect([await text("a"), await text("b"), await text("new")]).toEqual([
    "mine",
    "mine too",
    "mine as well",
  ]);
  expect((await readdir(root)).sort()).toEqual(["a", "b", "new"]);
});

test("nothing is written or removed through a link that took a directory's place", async () => {
  await mkdir(at("d"));
  await writeFile(at("d/old"), "old");
  const outside = path.join(base, "outside");
  await mkdir(outside);
  await writeFile(path.join(outside, "old"), "old");
  const outcome = await pull({ "d/new": "n", "d/e/f": "f" }, await asAgreed(), async () => {
    await rm(at("d"), { recursive: true });
    await symlink(outside, at("d"));
  });
  expect(outcome.written).toEqual([]);
  expect(outcome.late.toSorted()).toEqual(["d/e/f", "d/new"]);
  expect(await readdir(outside)).toEqual(["old"]);
});

test("a directory of files that the plan does not know is in nobody's way to be lost", async () => {
  const outcome = await pull({ d: "a file there" }, new Map(), async () => {
    await mkdir(at("d"));
    await writeFile(at("d/mine"), "mine");
  });
  expect(outcome.late).toEqual(["d"]);
  expect(await text("d/mine")).toBe("mine");
});

test("an empty directory gives way to a file", async () => {
  await mkdir(at("d"));
  expect(await pull({ d: "a file there" }, new Map(), nothing)).toMatchObject({ written: ["d"] });
  expect(await text("d")).toBe("a file there");
});

test("what a killed writer left is no file of the folder, and is found", async () => {
  // No process has this id: they end at 2^22 (proc(5), pid_max).
  const left = `.zenode-99999999-${crypto.randomUUID()}`;
  await writeFile(at(left), "half a fi");
  await mkdir(at(left.replace("zenode-9", "zenode-8")));
  const scan = new FolderScan(root);
  expect([...(await look(scan)).local.keys()]).toEqual([]);
  expect(scan.abandoned()).toEqual([left]);
});

test("one content comes under every path that it has", async () => {
  const outcome = await pull({ "in/deep/b": "b", b: "b" }, new Map(), nothing);
  expect(outcome.written.toSorted()).toEqual(["b", "in/deep/b"]);
  expect([await text("b"), await text("in/deep/b")]).toEqual(["b", "b"]);
});

test("of a large file that changed, only the chunks come that it does not have here", async () => {
  const ours = noise(8 * MIB, 3);
  const theirs = Buffer.concat([
    ours.subarray(0, 5 * MIB),
    Buffer.from("a line"),
    ours.subarray(5 * MIB),
  ]);
  await writeFile(at("large"), ours);
  const outcome = await pull({ large: theirs }, await asAgreed(), nothing);
  expect(outcome).toMatchObject({ written: ["large"], late: [] });
  expect(Buffer.compare(await readFile(at("large")), theirs)).toBe(0);
  // Noise is not compressed, a chunk has 4 MiB at most, and of one or two something changed.
  expect(outcome.bytes).toBeLessThan(5 * MIB);
});

test("a large file that changed on both sides comes beside ours by what differs, too", async () => {
  const agreed = noise(8 * MIB, 4);
  const edited = (text: string) => Buffer.concat([agreed, Buffer.from(text)]);
  await writeFile(at("large"), agreed);
  const before = await asAgreed();
  await writeFile(at("large"), edited("ours"));
  const outcome = await pull({ large: edited("theirs") }, before, nothing);
  const [copy = ""] = outcome.written;
  expect(Buffer.compare(await readFile(at("large")), edited("ours"))).toBe(0);
  expect(Buffer.compare(await readFile(at(copy)), edited("theirs"))).toBe(0);
  expect(outcome.bytes).toBeLessThan(5 * MIB);
});

test("a large file that was removed meanwhile comes whole, and is told as late", async () => {
  const ours = noise(8 * MIB, 5);
  const theirs = Buffer.concat([ours, Buffer.from("a line")]);
  await writeFile(at("large"), ours);
  const outcome = await pull({ large: theirs }, await asAgreed(), () => rm(at("large")));
  expect(outcome).toMatchObject({ written: [], late: ["large"] });
  expect(outcome.bytes).toBeGreaterThan(8 * MIB);
});

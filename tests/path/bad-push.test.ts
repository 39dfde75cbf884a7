import { once } from "node:events";
import { mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { expectClean } from "../harness/clean-answer.ts";
import { launch, zenode } from "../harness/command-line.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";
import { type RealTree, realTree, SOME_HUNDRED } from "../harness/real-tree.ts";
import { type HandMade, type HandMadeEntry, handMade, sha256 } from "./hand-made-pack.ts";

const ABSENT = "ab".repeat(32);

let local: LocalPath;
let tree: RealTree;
let folder: string;
let token: string;
let before: unknown;

beforeAll(async () => {
  [local, tree] = await Promise.all([startPath(), realTree(SOME_HUNDRED)]);
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-odd-"));
  await writeFile(path.join(folder, "a.txt"), "one\n");
  expect((await push(folder)).code).toBe(0);
  token = await local.token();
});
afterAll(async () => {
  await local.close();
  await Promise.all([tree.remove(), rm(folder, { recursive: true, force: true })]);
});
beforeEach(async () => {
  before = await projects();
});

const push = (from: string, ...words: string[]) =>
  zenode("push", from, "--project", "p", "--state", local.state, "--json", ...words);

async function projects(): Promise<unknown> {
  const response = await fetch(new URL("/api/projects", local.mcpUrl), {
    headers: { authorization: `Bearer ${token}` },
  });
  return response.json();
}

async function api(step: string, body: unknown, bearer = token): Promise<Response> {
  return fetch(new URL(`/api/push/${step}`, local.mcpUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The answer is a refusal in our words, and nothing that a reader sees has changed. */
async function expectRefused(response: Response, status: number, error: string): Promise<void> {
  const text = await response.text();
  expectClean(text);
  expect(response.status, text).toBe(status);
  expect(JSON.parse(text)).toEqual({ error, message: expect.stringMatching(/\w.*\.$|\w/s) });
  expect(await projects()).toEqual(before);
}

const hello = sha256(Buffer.from("hello"));
const file = (name: string, blob = hello, bytes = 5): HandMadeEntry => ({ name, blob, bytes });
const link = (target: string): HandMadeEntry => ({ name: "l", target });

/** Gets a place and puts the bytes there; the upload's id. */
async function upload(pack: Uint8Array, bearer = token): Promise<string> {
  const answer = await api("uploads", { project: "p", packs: [pack.length] }, bearer);
  const { uploads } = (await answer.json()) as { uploads: { upload: string; url: string }[] };
  const [place] = uploads;
  const put = await fetch(place?.url ?? "", { method: "PUT", body: Buffer.from(pack) });
  expect(put.status).toBe(200);
  return place?.upload ?? "";
}

const commit = (root: string, uploads: readonly string[], base = 1) =>
  api("commit", { project: "p", base, root, uploads, message: "by hand" });

async function commitHandMade({ root, pack }: HandMade): Promise<Response> {
  return commit(root, [await upload(pack)]);
}

test.each([
  ["malformed JSON", "begin", "{", 400],
  ["an empty body", "begin", "", 400],
  ["no project", "begin", { blobs: [] }, 400],
  ["a project with a slash", "begin", { project: "a/b", blobs: [] }, 400],
  ["a project that climbs", "begin", { project: "../p", blobs: [] }, 400],
  ["a project in capitals", "begin", { project: "P", blobs: [] }, 400],
  ["a project with a NUL byte", "begin", { project: "p\0", blobs: [] }, 400],
  ["a long project", "begin", { project: "p".repeat(65), blobs: [] }, 400],
  ["a blob that is no id", "begin", { project: "p", blobs: ["../../x"] }, 400],
  ["an unknown member", "begin", { project: "p", blobs: [], tenant: "bob" }, 400],
  ["too many blobs", "begin", { project: "p", blobs: Array(50_001).fill(ABSENT) }, 400],
  ["no pack", "uploads", { project: "p", packs: [] }, 400],
  ["an empty pack", "uploads", { project: "p", packs: [0] }, 400],
  ["a pack over the limit", "uploads", { project: "p", packs: [200 * 1024 * 1024] }, 400],
  ["a size that is none", "uploads", { project: "p", packs: ["10"] }, 400],
  ["an upload that is no id", "commit", commitBody({ uploads: ["../x"] }), 400],
  ["a root that is no id", "commit", commitBody({ root: "head" }), 400],
  ["a negative base", "commit", commitBody({ base: -1 }), 400],
] as const)("%s is refused", async (_, step, body, status) => {
  await expectRefused(await api(step, body), status, "invalid_input");
});

function commitBody(change: object): object {
  return { project: "p", base: 1, root: ABSENT, uploads: [], message: "", ...change };
}

test("another content type, method or address is refused", async () => {
  const headers = { authorization: `Bearer ${token}` };
  const begin = new URL("/api/push/begin", local.mcpUrl);
  const plain = await fetch(begin, { method: "POST", headers, body: "{}" });
  await expectRefused(plain, 400, "invalid_input");
  await expectRefused(await fetch(begin, { headers }), 404, "not_found");
  const elsewhere = new URL("/api/__proto__", local.mcpUrl);
  await expectRefused(await fetch(elsewhere, { headers }), 404, "not_found");
  await expectRefused(
    await fetch(new URL("/api/projects/../x", local.mcpUrl), { headers }),
    404,
    "not_found",
  );
});

test.each([
  ["a link to an absolute path", [link("/etc/passwd")], 400, "invalid_path"],
  ["a link out of the project", [link("../../outside")], 400, "invalid_path"],
  ["a link that climbs behind a name", [link("a/../../b")], 400, "invalid_path"],
  ["a link with a backslash", [link("..\\x")], 400, "invalid_path"],
  ["an empty link", [link("")], 400, "invalid_path"],
  ["a name with a slash", [file("a/b")], 422, "corrupt"],
  ["a name that climbs", [file("..")], 422, "corrupt"],
  ["a name with a NUL byte", [file("a\0b")], 422, "corrupt"],
  ["a name with a backslash", [file("a\\b")], 422, "corrupt"],
  ["a name twice", [file("a"), file("a")], 422, "corrupt"],
  ["a name over 255 bytes", [file("x".repeat(256))], 422, "corrupt"],
  ["a size that is not the blob's", [file("a", hello, 6)], 422, "corrupt"],
  ["a file over the limit", [file("a", hello, 65 * 1024 * 1024)], 422, "corrupt"],
  ["a missing blob", [file("a", ABSENT)], 404, "not_found"],
] as const)("a commit with %s is refused", async (_, entries, status, error) => {
  await expectRefused(await commitHandMade(await handMade(entries)), status, error);
});

test("a push that was cut before its commit changes nothing", async () => {
  const { root, pack } = await handMade([file("b.txt")]);
  await upload(pack);
  expect(await projects()).toEqual(before);
  await expectRefused(await commit(root, []), 404, "not_found");
});

test("an upload that never arrived is refused", async () => {
  const answer = await api("uploads", { project: "p", packs: [10] });
  const { uploads } = (await answer.json()) as { uploads: { upload: string }[] };
  await expectRefused(await commit(ABSENT, [uploads[0]?.upload ?? ""]), 410, "expired");
});

test("another tenant's upload is nobody's", async () => {
  const { root, pack } = await handMade([file("b.txt")]);
  const bobs = await upload(pack, await local.token("bob"));
  await expectRefused(await commit(root, [bobs]), 410, "expired");
});

test.each([
  ["no pack at all", () => Buffer.alloc(500, "x"), 400, "invalid_input"],
  ["half a pack", (pack: Uint8Array) => pack.slice(0, pack.length / 2), 400, "invalid_input"],
  ["a changed index", (pack: Uint8Array) => flip(pack, pack.length - 60), 400, "invalid_input"],
  ["a changed directory", (pack: Uint8Array) => flip(pack, 20), 422, "corrupt"],
] as const)("a commit with %s is refused", async (_, change, status, error) => {
  const { root, pack } = await handMade([file("b.txt")]);
  await expectRefused(await commit(root, [await upload(change(pack))]), status, error);
});

function flip(pack: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(pack);
  changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}

test("a signed URL takes what it was signed for, and no more", async () => {
  const answer = await api("uploads", { project: "p", packs: [10] });
  const { uploads } = (await answer.json()) as { uploads: { url: string }[] };
  const url = uploads[0]?.url ?? "";
  const elsewhere = new URL(url);
  elsewhere.pathname = elsewhere.pathname.replace(/temp\/.*/, "users/bob/x");
  for (const [to, body] of [
    [url, "x".repeat(11)],
    [elsewhere.href, "x".repeat(10)],
    [url.replace(/X-Amz-Expires=\d+/, "X-Amz-Expires=99999"), "x".repeat(10)],
  ] as const) {
    expect((await fetch(to, { method: "PUT", body })).status).toBe(403);
  }
  expect((await fetch(url, { method: "DELETE" })).status).toBe(403);
});

test("a head that moved meanwhile is a conflict that names it", async () => {
  const stale = await commit(ABSENT, [], 0);
  await expectRefused(stale.clone() as Response, 409, "conflict");
  expect(await stale.text()).toContain("p is at snapshot 1");
});

test("the command line leaves out what can't be pushed, says so, and pushes the rest", async () => {
  const odd = await mkdtemp(path.join(os.tmpdir(), "zenode-odd-"));
  await writeFile(path.join(odd, "good.txt"), "good\n");
  await writeFile(path.join(odd, "back\\slash.txt"), "x");
  await symlink("/etc/passwd", path.join(odd, "absolute"));
  await symlink("../../outside", path.join(odd, "climbing"));
  await symlink("good.txt", path.join(odd, "inside"));
  const large = await open(path.join(odd, "large.bin"), "w");
  await large.truncate(64 * 1024 * 1024 + 1);
  await large.close();
  const { code, stdout } = await zenode(
    ...["push", odd, "--project", "odd", "--state", local.state, "--json"],
  );
  await rm(odd, { recursive: true, force: true });
  expect(code).toBe(0);
  const { files, skipped } = JSON.parse(stdout) as { files: number; skipped: { path: string }[] };
  expect(files).toBe(2);
  expect(skipped.map((one) => one.path).sort()).toEqual([
    "absolute",
    "back\\slash.txt",
    "climbing",
    "large.bin",
  ]);
});

test("a push that was killed half way leaves the head; the next one is whole", async () => {
  const words = ["push", tree.folder, "--project", "p", "--state", local.state];
  const child = launch(words);
  const [said] = (await once(child.stderr ?? child, "data")) as [Buffer];
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await once(child, "close");
  expect(said.toString()).toMatch(/\d+ %/);
  expect(await projects()).toEqual(before);
  const whole = await push(tree.folder);
  expect(JSON.parse(whole.stdout)).toMatchObject({ kind: "committed", snapshot: 2 });
});

test("nothing of all this was logged as an error", () => {
  expect(errorLines(local)).toEqual([]);
});

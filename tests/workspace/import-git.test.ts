import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { MAX_FILE_BYTES } from "@zenode/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GitServer, git, startGitServer } from "../harness/git-server.ts";
import { ImportHouse } from "./import-house.ts";

let folder: string;
let server: GitServer;
let house: ImportHouse;
let first: string;
let second: string;

const work = () => path.join(folder, "work");
const write = (name: string, content: string | Uint8Array) => {
  mkdirSync(path.dirname(path.join(work(), name)), { recursive: true });
  writeFileSync(path.join(work(), name), content);
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-git-"));
  mkdirSync(work());
  git(work(), "init", "-q");
  write("README.md", "first\n");
  write("bin/run", "#!/bin/sh\n");
  chmodSync(path.join(work(), "bin/run"), 0o755);
  git(work(), "add", ".");
  git(work(), "commit", "-qm", "first");
  git(work(), "tag", "v1");
  first = git(work(), "rev-parse", "HEAD");
  write("README.md", "second\r\n");
  write(".gitattributes", "* text=auto eol=lf\nREADME.md ident export-ignore\n");
  write("docs/ä ö.md", "umlauts");
  write("docs/same.md", "umlauts");
  write(
    "data.bin",
    Uint8Array.from({ length: 300_000 }, (_, at) => at % 256),
  );
  write("empty", "");
  symlinkSync("../README.md", path.join(work(), "docs/link"));
  symlinkSync("/etc/passwd", path.join(work(), "docs/out"));
  git(work(), "-c", "core.autocrlf=false", "add", ".");
  // As it stands on the disk: line ends too.
  const id = git(work(), "hash-object", "-w", "--no-filters", "README.md");
  git(work(), "update-index", "--cacheinfo", `100644,${id},README.md`);
  git(work(), "update-index", "--add", "--cacheinfo", `160000,${first},vendor/module`);
  git(work(), "commit", "-qm", "second");
  second = git(work(), "rev-parse", "HEAD");
  git(work(), "checkout", "-qb", "topic", "v1");
  write("topic.txt", "topic");
  git(work(), "add", ".");
  git(work(), "commit", "-qm", "topic");
  git(work(), "checkout", "-q", "-f", "main");
  git(folder, "clone", "-q", "--bare", "work", "repo.git");
  server = await startGitServer(folder);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  house = await ImportHouse.build();
});
afterEach(async () => {
  server.intercept = () => false;
  await house[Symbol.asyncDispose]();
});

const url = () => `${server.origin}/repo.git`;
const textOf = (result: { content: readonly unknown[] }) =>
  (result.content[0] as { text: string }).text;

/** Content by path: a link as `-> target`, an executable with a star behind the path. */
async function filesOf(project = "app"): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const snapshot = await house.projects().open(project);
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "link") found[entry.path] = `-> ${entry.target}`;
    else {
      const content = await snapshot.read(entry.path, MAX_FILE_BYTES);
      found[entry.executable ? `${entry.path}*` : entry.path] =
        Buffer.from(content).toString("latin1");
    }
  }
  return found;
}

test("a repository becomes a project in one snapshot, its files as git's objects have them", async () => {
  const result = await house.import({ repository: url() });
  expect(result.structured).toEqual({
    ...{ project: "app", snapshot: 1, source: "git", commit: second },
    ...{ files: 8, bytes: 300_081, written: 8, removed: 0, left_out_count: 2 },
    left_out: [
      { path: "vendor/module", why: "it is a submodule" },
      { path: "docs/out", why: "it is a link that leads out of the project" },
    ],
  });
  const files = await filesOf();
  expect(Object.keys(files)).toEqual([
    ...[".gitattributes", "README.md", "bin/run*", "data.bin"],
    ...["docs/link", "docs/same.md", "docs/ä ö.md", "empty"],
  ]);
  expect(files["README.md"]).toBe("second\r\n");
  expect(files["docs/link"]).toBe("-> ../README.md");
  expect(house.commits).toEqual(["app 1"]);
});

test("the same again writes nothing; a second project of that name is refused", async () => {
  await house.import({ repository: url() });
  const refused = await house.import({ repository: url() });
  expect([refused.isError, textOf(refused)]).toEqual([
    true,
    "There is a project app already. Import under another name, or pass if_exists: replace or merge.",
  ]);
  const again = await house.import({ repository: url(), if_exists: "replace" });
  expect(again.structured).toMatchObject({ snapshot: 1, written: 0, removed: 0 });
  expect(house.commits).toEqual(["app 1"]);
});

test.each([
  ["a tag", "v1", () => first],
  ["a tag by its whole name", "refs/tags/v1", () => first],
  ["a branch", "main", () => second],
  ["a commit's id", "", () => first],
])("%s is taken as ref", async (_, ref, commit) => {
  const result = await house.import({ repository: url(), ref: ref || first });
  expect(result.structured).toMatchObject({ commit: commit() });
});

test("replaced, a project is what was imported; merged, it keeps what it has beside it", async () => {
  const before = { "README.md": "mine", "own.txt": "own", "bin/run/deep": "a directory here" };
  await house.push("app", before);
  const clash = await house.import({ repository: url(), ref: "topic", if_exists: "merge" });
  expect(textOf(clash)).toMatch(/^bin\/run\/deep and a directory above it can't both be/);
  await house.push("app", { "README.md": "mine", "own.txt": "own" });
  const merged = await house.import({ repository: url(), ref: "topic", if_exists: "merge" });
  expect(merged.structured).toMatchObject({ snapshot: 3, files: 3, written: 3, removed: 0 });
  const topic = { "README.md": "first\n", "bin/run*": "#!/bin/sh\n", "topic.txt": "topic" };
  expect(await filesOf()).toEqual({ ...topic, "own.txt": "own" });
  await house.push("app", { ...before, "bin/run/deep": "again" });
  const replaced = await house.import({ repository: url(), ref: "topic", if_exists: "replace" });
  expect(replaced.structured).toMatchObject({ snapshot: 5, files: 3, written: 3, removed: 2 });
  expect(await filesOf()).toEqual(topic);
});

test("one directory of it becomes the project's root", async () => {
  const result = await house.import({ repository: url(), folder: "./docs/" });
  expect(result.structured).toMatchObject({ files: 2, left_out_count: 2 });
  expect(await filesOf()).toEqual({ "same.md": "umlauts", "ä ö.md": "umlauts" });
  const none = await house.import({ project: "none", repository: url(), folder: "no-such" });
  expect(textOf(none)).toBe('There are no files in a directory "no-such".');
});

test("what others committed meanwhile to other files stays; to the same file it is a conflict", async () => {
  await house.push("app", { "README.md": "mine", other: "1" });
  const projects = house.projects();
  const change = projects.change.bind(projects);
  const withOther = (path: string) =>
    Object.assign(projects, {
      change: async (...order: Parameters<typeof change>) => {
        const content = Buffer.from("theirs");
        await house
          .projects()
          .change(order[0], [{ kind: "file", path, content, executable: false }], "");
        return change(...order);
      },
    });
  const order = { repository: url(), ref: "topic", if_exists: "merge" };
  const merged = await house.import(order, { projects: withOther("other") });
  expect(merged.structured).toMatchObject({ snapshot: 3 });
  expect(await filesOf()).toMatchObject({ other: "theirs", "README.md": "first\n" });
  await house.push("app", { "README.md": "mine" });
  const lost = await house.import(order, { projects: withOther("README.md") });
  expect([lost.isError, textOf(lost)]).toEqual([
    true,
    expect.stringContaining("README.md was changed by ada"),
  ]);
});

describe("a repository is refused", () => {
  const refused = async (input: object) => textOf(await house.import(input));

  test("that is not there, or has no such ref", async () => {
    expect(await refused({ repository: `${server.origin}/none.git` })).toContain(
      "There is no git repository",
    );
    expect(await refused({ repository: url(), ref: "no-such" })).toContain("It has no such ref");
    const blob = git(work(), "rev-parse", "HEAD:README.md");
    expect(await refused({ repository: url(), ref: blob })).toMatch(/no such ref|is no commit/);
  });

  test("that redirects, asks for a sign-in, or is served as plain files", async () => {
    const answers: readonly (readonly [number, Record<string, string>, string])[] = [
      [302, { location: "http://169.254.169.254/latest/meta-data" }, "answers with a redirect"],
      [301, { location: "file:///etc/passwd" }, "answers with a redirect"],
      [401, { "www-authenticate": 'Basic realm="x"' }, "asks for a sign-in"],
    ];
    for (const [status, headers, said] of answers) {
      server.intercept = (_, response) => {
        response.writeHead(status, headers).end();
        return true;
      };
      expect(await refused({ repository: url() })).toContain(said);
    }
    const id = `${second}\trefs/heads/main\n`;
    const asked: string[] = [];
    server.intercept = ({ url: path = "" }, response) => {
      asked.push(path);
      const isRefs = path.startsWith("/repo.git/info/refs");
      response.writeHead(isRefs ? 200 : 404).end(isRefs ? id : "");
      return true;
    };
    expect(await refused({ repository: url() })).toContain("was not imported");
    expect(asked.filter((path) => path.includes("alternates"))).toEqual([]);
  });

  test("whose server falls silent in the middle, by a cancelled call", async () => {
    const begun = Promise.withResolvers<void>();
    server.intercept = (request) => {
      if (request.method === "POST") begun.resolve();
      return request.method === "POST";
    };
    const cancel = new AbortController();
    const running = house.import({ repository: url() }, { signal: cancel.signal });
    await begun.promise;
    cancel.abort(new Error("It was cancelled."));
    await expect(running).rejects.toThrow("It was cancelled.");
  });

  test("whose trees hold what git itself forbids", async () => {
    const blob = git(work(), "rev-parse", "HEAD:README.md");
    for (const name of [".git", "..", ".GIT", "a/b"]) {
      const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, "hex")]);
      writeFileSync(path.join(folder, "tree"), entry);
      const repository = path.join(folder, "repo.git");
      const args = ["hash-object", "-t", "tree", "-w", "--literally", path.join(folder, "tree")];
      const tree = git(repository, ...args);
      const commit = git(repository, "commit-tree", "-m", "bad", tree);
      git(repository, "update-ref", "refs/heads/bad", commit);
      expect(await refused({ repository: url(), ref: "bad" })).toMatch(/git says: (fatal|error): /);
    }
  });
});

test("names that no project can have stay out, the rest of the repository comes", async () => {
  const repository = path.join(folder, "repo.git");
  const blob = git(repository, "rev-parse", "main:README.md");
  const names = ["a\\b", "line\nfeed", "good", "x".repeat(256)];
  const lines = names.map((name) => `100644 blob ${blob}\t${name}\0`).join("");
  writeFileSync(path.join(folder, "lines"), lines);
  const tree = execFileSync(
    "sh",
    ["-c", 'git mktree -z < "$1"', "sh", path.join(folder, "lines")],
    {
      cwd: repository,
      encoding: "utf8",
    },
  ).trim();
  git(
    repository,
    "update-ref",
    "refs/heads/odd",
    git(repository, "commit-tree", "-m", "odd", tree),
  );
  const result = await house.import({ repository: url(), ref: "odd" });
  expect(result.structured).toMatchObject({ files: 1, left_out_count: 3 });
  expect(Object.keys(await filesOf())).toEqual(["good"]);
});

test("where the worker is alone git runs as another user, and the same comes of it", async () => {
  house.alone = true;
  const result = await house.import({ repository: url() });
  expect(result.structured).toMatchObject({ files: 8, commit: second });
});

test("nothing of the worker's environment or of its user's configuration reaches git", async () => {
  const seen: Record<string, string | string[] | undefined>[] = [];
  server.intercept = ({ headers }) => {
    seen.push(headers);
    return false;
  };
  process.env.GIT_HTTP_USER_AGENT = "leaked";
  process.env.http_proxy = "http://127.0.0.1:1";
  try {
    expect((await house.import({ repository: url() })).isError).toBeUndefined();
  } finally {
    delete process.env.GIT_HTTP_USER_AGENT;
    delete process.env.http_proxy;
  }
  expect(seen.map((headers) => headers["user-agent"])).toEqual(
    seen.map(() => expect.stringMatching(/^git\//)),
  );
  expect(seen.filter((headers) => headers.authorization ?? headers.cookie)).toEqual([]);
});

describe("a bundle", () => {
  const bundle = async (...refs: string[]) => {
    const file = path.join(folder, `${crypto.randomUUID()}.bundle`);
    git(path.join(folder, "repo.git"), "bundle", "create", file, ...refs);
    return house.upload(readFileSync(file));
  };

  test("of a repository becomes the same project as the repository", async () => {
    await house.import({ repository: url() });
    const files = await filesOf();
    const upload = await bundle("HEAD", "main", "topic");
    const result = await house.import({ project: "two", upload });
    expect(result.structured).toMatchObject({ source: "git bundle", commit: second, files: 8 });
    expect(await filesOf("two")).toEqual(files);
    const topic = await house.import({ project: "three", upload, ref: "topic" });
    expect(topic.structured).toMatchObject({ files: 3 });
  });

  test("of several branches says which there are, of one is taken as it is", async () => {
    const several = await house.import({ upload: await bundle("main", "topic") });
    expect(textOf(several)).toBe(
      "The bundle does not say which of its refs is meant: pass one of refs/heads/main, refs/heads/topic as ref.",
    );
    const none = await house.import({ upload: await bundle("main"), ref: "no-such" });
    expect(textOf(none)).toContain("There is no ref no-such in the bundle.");
    const one = await house.import({ upload: await bundle("topic") });
    expect(one.structured).toMatchObject({ files: 3 });
  });

  test("that needs commits from elsewhere, or is damaged, is refused", async () => {
    const partial = await house.import({ upload: await bundle("main", "^v1") });
    expect(textOf(partial)).toContain("needs commits that are not in it");
    const file = path.join(folder, "whole.bundle");
    git(path.join(folder, "repo.git"), "bundle", "create", file, "main");
    const body = readFileSync(file);
    body[body.length - 100] = (body[body.length - 100] ?? 0) ^ 1;
    const damaged = await house.import({ upload: await house.upload(body) });
    expect([damaged.isError, textOf(damaged)]).toEqual([
      true,
      expect.stringContaining("no sound bundle"),
    ]);
    const cut = await house.import({ upload: await house.upload(body.subarray(0, 400)) });
    expect(cut.isError).toBe(true);
    expect(await house.projects().names()).toEqual([]);
  });
});

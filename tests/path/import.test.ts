import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallRecord, connectModern, type TestClient } from "../harness/clients.ts";
import { type GitServer, git, startGitServer } from "../harness/git-server.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

const run = promisify(execFile);

let local: LocalPath;
let client: TestClient;
let folder: string;
let work: string;
let server: GitServer;
let commit: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-import-path-"));
  work = path.join(folder, "work");
  for (const name of ["src/deep", "bin"]) mkdirSync(path.join(work, name), { recursive: true });
  const binary = Uint8Array.from({ length: 2_000_000 }, (_, at) => (at * at) % 251);
  writeFileSync(path.join(work, "data.bin"), binary);
  writeFileSync(path.join(work, "empty"), "");
  writeFileSync(path.join(work, "src/deep/ä ö.txt"), "umlauts\r\n");
  writeFileSync(path.join(work, `src/${"long-".repeat(30)}name`), "long");
  writeFileSync(path.join(work, "bin/run"), "#!/bin/sh\necho hello\n");
  await chmod(path.join(work, "bin/run"), 0o755);
  symlinkSync("../src/deep", path.join(work, "bin/link"));
  git(work, "init", "-q");
  git(work, "add", ".");
  git(work, "commit", "-qm", "all");
  commit = git(work, "rev-parse", "HEAD");
  git(folder, "clone", "-q", "--bare", "work", "repo.git");
  server = await startGitServer(folder);
  local = await startPath({ template: { loopbackImports: true } });
  client = await connectModern(local.mcpUrl, await local.token());
});
afterAll(async () => {
  await client.close();
  await local.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const curl = async (...args: readonly string[]) =>
  (await run("curl", ["--silent", "--show-error", "--fail-with-body", ...args], { maxBuffer: 1e8 }))
    .stdout;
const api = (at: string) => new URL(at, local.mcpUrl).href;
const importing = (input: object, told?: () => unknown) =>
  client.call("import_repository", { ...input }, told);
const structuredOf = ({ structured, text }: CallRecord) => structured ?? { text };

/** What differs between two folders, modes and links included, as `diff` and `find` tell it. */
async function listing(at: string): Promise<string> {
  const line =
    'find . -path ./.git -prune -o \\( -type l -printf "%P -> %l\\n" -o -type f -printf "%P %m " -exec sha256sum {} \\; \\)';
  const { stdout } = await run(
    "sh",
    ["-c", `${line} | sed 's/ 6[46]4 / 644 /; s/ 7[57]5 / 755 /' | sort`],
    { cwd: at },
  );
  return stdout;
}

/** Fetches an export and unpacks it as its user would. */
async function unpacked(exported: CallRecord, name: string): Promise<string> {
  const { url, file_name } = structuredOf(exported) as { url: string; file_name: string };
  const file = path.join(folder, `${name}-${file_name}`);
  await curl("--output", file, url);
  const out = path.join(folder, `out-${name}`);
  mkdirSync(out);
  if (file_name.endsWith(".zip")) await run("unzip", ["-q", file, "-d", out]);
  else await run("tar", ["-xzf", file, "-C", out]);
  return out;
}

/** By HTTP alone, as a script without any SDK does. */
async function uploadByCurl(file: string, user?: string): Promise<string> {
  const { stdout } = await run("stat", ["-c", "%s", file]);
  const answer = await curl(
    ...["--header", `Authorization: Bearer ${await local.token(user)}`],
    ...["--header", "Content-Type: application/json"],
    ...["--data", JSON.stringify({ bytes: Number(stdout) }), api("/api/uploads")],
  );
  const { upload, url } = JSON.parse(answer) as { upload: string; url: string };
  await curl("--upload-file", file, url);
  return upload;
}

test("a repository is cloned into a project, with progress, and is what a checkout of it is", async () => {
  const imported = await importing({ project: "cloned", repository: `${server.origin}/repo.git` });
  expect(structuredOf(imported)).toMatchObject({
    ...{ project: "cloned", snapshot: 1, source: "git", commit, files: 6, left_out_count: 0 },
  });
  expect(imported.progress.map(({ message }) => message)).toContain("Storing 6 files");
  const exported = await client.call("export", { project: "cloned" });
  expect(await listing(await unpacked(exported, "cloned"))).toBe(await listing(work));
});

describe.each(["tar.gz", "zip"])("an export as %s", (format) => {
  const project = `round-${format}`;

  test("is imported again as the same project, bytes, modes and links", async () => {
    const first = await client.call("export", { project: "cloned", format });
    const { url, file_name, bytes } = structuredOf(first) as Record<string, string | number>;
    const file = path.join(folder, String(file_name));
    await curl("--output", file, String(url));
    const { stdout } = await run("stat", ["-c", "%s", file]);
    expect(Number(stdout)).toBe(bytes);
    const imported = await importing({ project, upload: await uploadByCurl(file) });
    expect(structuredOf(imported)).toMatchObject({ files: 6, left_out_count: 0, snapshot: 1 });
    const same = await client.call("export", { project, format });
    expect(await listing(await unpacked(same, project))).toBe(await listing(work));
  });

  test("is the same file whenever it is made, named for saving", async () => {
    const urls: string[] = [];
    const sums: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const { url } = structuredOf(await client.call("export", { project: "cloned", format }));
      urls.push(String(url));
      const file = path.join(folder, `again-${time}.${format}`);
      const headers = await curl("--dump-header", "-", "--output", file, String(url));
      expect(headers).toContain(`attachment; filename="cloned-1.${format}"`);
      sums.push((await run("sha256sum", [file])).stdout.slice(0, 64));
    }
    expect(new Set(urls).size).toBe(2);
    expect(new Set(sums).size).toBe(1);
  });
});

describe("an upload", () => {
  test("prepared by the tool and sent by curl is imported, as tar and zip make it", async () => {
    const file = path.join(folder, "work.tar");
    await run("tar", ["-cf", file, "-C", work, "."]);
    const { stdout } = await run("stat", ["-c", "%s", file]);
    const prepared = await client.call("prepare_upload", { bytes: Number(stdout) });
    const { url, upload } = structuredOf(prepared) as { url: string; upload: string };
    expect(prepared.text).toContain(`curl --fail --upload-file FILE '${url}'`);
    await curl("--upload-file", file, url);
    const imported = await importing({ project: "tarred", upload });
    expect(structuredOf(imported)).toMatchObject({
      ...{ source: "tar", files: 6 },
      left_out: [{ path: ".git", why: "git's own folder is no part of a project" }],
    });
    await run("zip", ["-qry", path.join(folder, "work.zip"), ".", "-x", ".git/*"], { cwd: work });
    const zipped = await importing({
      ...{ project: "tarred", if_exists: "replace" },
      upload: await uploadByCurl(path.join(folder, "work.zip")),
    });
    expect(structuredOf(zipped)).toMatchObject({
      source: "zip",
      written: 0,
      removed: 0,
      snapshot: 1,
    });
  });

  test("of a bundle is imported", async () => {
    const file = path.join(folder, "work.bundle");
    git(work, "bundle", "create", "-q", file, "HEAD");
    const imported = await importing({ project: "bundled", upload: await uploadByCurl(file) });
    expect(structuredOf(imported)).toMatchObject({ source: "git bundle", commit, files: 6 });
  });

  test("of another user is one that does not exist", async () => {
    const file = path.join(folder, "small.tar");
    await run("tar", ["-cf", file, "-C", work, "empty"]);
    const theirs = await importing({
      project: "stolen",
      upload: await uploadByCurl(file, "alice"),
    });
    const none = await importing({ project: "stolen", upload: `upload_${"0".repeat(32)}` });
    expect([theirs.isError, theirs.text]).toEqual([true, none.text]);
    expect(theirs.text).toMatch(/^There is no such upload/);
  });

  test("of another size than was said is refused by the bucket", async () => {
    const { url } = structuredOf(await client.call("prepare_upload", { bytes: 5 }));
    const file = path.join(folder, "six");
    writeFileSync(file, "sixsix");
    await expect(curl("--upload-file", file, String(url))).rejects.toThrow("403");
  });

  test("from a page of any origin is let in", async () => {
    const { url } = structuredOf(await client.call("prepare_upload", { bytes: 3 }));
    const preflight = await fetch(String(url), {
      method: "OPTIONS",
      headers: {
        origin: "https://page.example",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type",
      },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    const headers = { origin: "https://page.example", "content-type": "application/zip" };
    const sent = await fetch(String(url), { method: "PUT", body: "abc", headers });
    expect([sent.status, sent.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
  });
});

test.each([
  ["https://user:secret@example.org/a.git", "without user name, password"],
  ["https://example.org/a.git?private_token=secret", "without user name, password"],
  ["ssh://git@example.org/a.git", "An https address"],
  ["file:///etc", "An https address"],
  ["http://example.org/a.git", "only https addresses are taken"],
  ["https://127.0.0.1/a.git", "not on the public internet"],
  ["https://2130706433/a.git", "not on the public internet"],
  ["https://[::ffff:169.254.169.254]/a.git", "not on the public internet"],
  ["https://169.254.170.2/v2/credentials", "not on the public internet"],
])("%s is not asked, and its secret is nowhere told", async (url, said) => {
  const refused = await importing({ project: "refused", repository: url }).catch(
    (cause: unknown) => ({
      isError: true,
      text: String(cause),
    }),
  );
  expect(refused.isError).toBe(true);
  expect(refused.text).toContain(said);
  expect(refused.text).not.toContain("secret");
  expect(JSON.stringify(local.logs)).not.toContain("secret@");
});

test("the platform reports no failure of its own", () => {
  expect(errorLines(local)).toEqual([]);
});

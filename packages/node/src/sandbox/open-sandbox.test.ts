import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Isolation, MIB, type SandboxEnd } from "@zenode/core";
import { type Files, MemoryWorkspace } from "@zenode/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock-node.ts";
import { openJobComputer } from "../job-computer.ts";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const LIMITS = { memoryBytes: 400 * MIB, processes: 64, diskBytes: 64 * MIB };
/** One for each: what a killed process was counts against its user until it has been waited for. */
let nextUser = 61_000;

async function sandboxOf(ways: readonly Isolation[], files: Files = { "a.txt": "a" }) {
  const workDir = await mkdtemp(path.join(tmpdir(), "zenode-sandbox-"));
  execFileSync("chmod", ["711", workDir]);
  open.push(() => rm(workDir, { recursive: true, force: true }));
  const workspace = new MemoryWorkspace();
  await workspace.push("app", files);
  const computer = await openJobComputer({
    ...{ workDir, ways, limits: LIMITS, user: nextUser++, alone: false, clock: systemClock },
    projects: workspace.projects(),
    signal: new AbortController().signal,
  });
  open.push(() => computer.dispose());
  const { folder } = await computer.checkout("app");
  const { sandbox } = computer;
  if (!sandbox) throw new Error("There is no sandbox.");
  const run = async (script: string, environment = {}): Promise<Ran> => {
    const args = ["-c", script];
    const command = { project: "app", folder: "", file: "/bin/sh", args, environment };
    const { stdout, stderr, ended } = await sandbox.run(command);
    const [out, error, end] = await Promise.all([textOf(stdout), textOf(stderr), ended]);
    return { out, error, end };
  };
  return { workDir, folder, sandbox, run };
}

interface Ran {
  readonly out: string;
  readonly error: string;
  readonly end: SandboxEnd;
}

async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of output) text = (text + Buffer.from(chunk).toString()).slice(-100_000);
  return text;
}

const running = (mark: string) =>
  readdirSync("/proc").filter((pid) => commandLineOf(pid)?.includes(mark));

function commandLineOf(pid: string): string | undefined {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

/** Those of this machine: what it has not can't be shown on it. */
async function waysHere(): Promise<readonly Isolation[]> {
  const found: Isolation[] = [];
  for (const way of ["namespaces", "user", "none"] as const) {
    const { sandbox } = await sandboxOf([way]);
    if (await sandbox.isolation().catch(() => undefined)) found.push(way);
  }
  for (const close of open.splice(0).reverse()) await close();
  return found;
}

const here = await waysHere();

describe.each(here)("with isolation by %s", (way) => {
  test("a command has the project, a home, a place for temporary files, and nothing of ours", async () => {
    process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://169.254.170.2/secret";
    const { run, sandbox } = await sandboxOf([way]);
    const { out, end } = await run('cat a.txt; echo b > b.txt; touch "$HOME/h" "$TMPDIR/t"; env', {
      MINE: "1 2",
    });
    delete process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
    expect(end).toEqual({ code: 0, signal: null });
    const names = out
      .slice(1)
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    const known = [
      "HOME",
      "LANG",
      "MINE",
      "NO_COLOR",
      "PATH",
      "PWD",
      "TERM",
      "TMPDIR",
      "ZENODE_CALL_PROCESSES",
    ];
    expect(
      names.filter((name) => name !== "OLDPWD" && name !== "SHLVL" && name !== "_").sort(),
    ).toEqual(known);
    expect(out).toContain("MINE=1 2\n");
    expect(await sandbox.changes("app")).toMatchObject({
      added: ["b.txt"],
      modified: [],
      deleted: [],
    });
  });

  test("Node.js runs, serves itself, and tells its exit code", async () => {
    const { run } = await sandboxOf([way]);
    const script = `const server = require("http").createServer((_, r) => r.end("served")).listen(0, "127.0.0.1", async () => {
      console.log(await (await fetch("http://127.0.0.1:" + server.address().port)).text()); process.exit(7); })`;
    const { out, end } = await run(`node -e '${script}'`);
    expect([out, end.code]).toEqual(["served\n", 7]);
  });

  test("no capability, and none to be had by a set-user-id program", async () => {
    const { run } = await sandboxOf([way]);
    const { out } = await run("grep -E '^(NoNewPrivs|CapEff)' /proc/self/status");
    expect(out).toMatch(/NoNewPrivs:\t1/);
    if (way !== "none") expect(out).toMatch(/CapEff:\t0+\n/);
  });

  test("a fork bomb is bounded, and gone when it ends", async () => {
    const { run } = await sandboxOf([way]);
    const mark = crypto.randomUUID();
    // Where the kernel sets no limit, what forks without a pause may outrun who looks.
    const pause = way === "none" ? "sleep 0.01" : ":";
    const { end, error } = await run(
      `bomb() { while ${pause}; do sh -c "sleep 60; : ${mark}" & done; }; bomb & bomb`,
    );
    const isStopped = end.exceeded === "processes" || /fork|Resource temporarily/i.test(error);
    expect(isStopped, JSON.stringify({ end, error })).toBe(true);
    expect(running(mark)).toEqual([]);
  });

  test("who takes too much memory is ended", async () => {
    const { run } = await sandboxOf([way]);
    const hog = "const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 5)";
    const { end } = await run(`node -e '${hog}'`);
    expect(end.exceeded).toBe("memory");
  });

  test("who fills the disk is ended", async () => {
    const { run } = await sandboxOf([way]);
    const { end } = await run(
      "while :; do head -c 4000000 /dev/zero > big.$((n = n + 1)); sleep 0.02; done",
    );
    expect(end.exceeded).toBe("disk");
  });

  test("a daemon that leaves session, parent and environment ends with its command", async () => {
    const { run, folder } = await sandboxOf([way]);
    const mark = crypto.randomUUID();
    const loop = `while :; do date > alive; sleep 0.01; done; : ${mark}`;
    const cut = way === "none" ? "" : "env -i PATH=$PATH ";
    const { end } = await run(
      `(setsid ${cut}sh -c '${loop}' > /dev/null 2>&1 &) ; until test -s alive; do sleep 0.05; done`,
    );
    expect(end.code).toBe(0);
    expect(running(mark)).toEqual([]);
    const alive = path.join(folder, "alive");
    await rm(alive);
    expect(existsSync(alive)).toBe(false);
  });

  test.runIf(way !== "none")(
    "it reads neither its starter's environment nor other jobs' folders",
    async () => {
      const { run, workDir } = await sandboxOf([way]);
      const other = await sandboxOf([way], { "secret.txt": "other's" });
      await writeFile(path.join(workDir, "beside.txt"), "beside", { mode: 0o600 });
      const { out } = await run(
        `cat /proc/${process.pid}/environ '${workDir}/beside.txt' '${other.workDir}'/*/projects/app/secret.txt; ls '${other.workDir}'; for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ; done 2>/dev/null | grep -c VITEST; exit 0`,
      );
      expect(out).not.toMatch(/other's|beside|VITEST/);
      expect(out.trim()).toBe("0");
    },
  );

  test.runIf(way !== "none")("it writes nowhere but in its own folders", async () => {
    const { run, workDir } = await sandboxOf([way]);
    const places = [workDir, path.join(workDir, "x"), "/etc", "/usr/local/bin", "/", process.cwd()];
    const { out } = await run(
      places.map((place) => `touch '${place}/zenode-was-here' && echo wrote`).join("; "),
    );
    expect(out).toBe("");
    expect(places.filter((place) => existsSync(path.join(place, "zenode-was-here")))).toEqual([]);
  });

  test.runIf(way === "namespaces")("it reaches nothing that listens outside of it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    open.push(async () => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const { run } = await sandboxOf([way]);
    const connect = (host: string, to: number) =>
      `node -e 'require("net").connect(${to}, "${host}").on("error", (e) => console.log(e.code)).on("connect", () => console.log("REACHED") || process.exit())'`;
    const { out } = await run(
      [connect("127.0.0.1", port), connect("169.254.170.2", 80)].join("; "),
    );
    expect(out).toBe("ECONNREFUSED\nENETUNREACH\n");
  });
});

test("where no way will do no command runs", async () => {
  const { run } = await sandboxOf([]);
  await expect(run("true")).rejects.toMatchObject({ code: "unavailable" });
});

test("a folder that was moved away is not taken for an empty one", async () => {
  const { sandbox, folder } = await sandboxOf(["none"]);
  execFileSync("mv", [folder, `${folder}-was`]);
  execFileSync("ln", ["-s", `${folder}-was`, folder]);
  await expect(sandbox.changes("app")).rejects.toMatchObject({ code: "not_found" });
  expect(await readFile(path.join(folder, "a.txt"), "utf8")).toBe("a");
});

import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import { CallProcesses } from "./call-processes.ts";

const processes = new Set<CallProcesses>();
afterEach(async () => {
  for (const one of processes) await one.end();
  processes.clear();
});

function newCall(): CallProcesses {
  const call = new CallProcesses();
  processes.add(call);
  return call;
}

const shell = (script: string) => ({ file: "/bin/sh", args: ["-c", script], folder: tmpdir() });

async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The first line, as soon as it is there: whoever writes it may run on. */
async function firstLine(output: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of output) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) break;
  }
  return text.trim();
}

function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch {
    return false;
  }
}

test("a process has its folder, its environment and nothing of ours", async () => {
  process.env.OURS = "leaks";
  const command = {
    ...shell('echo "$PWD $THEIRS $OURS"; echo no >&2; exit 3'),
    environment: { THEIRS: "yes" },
  };
  const { stdout, stderr, ended } = newCall().start(command);
  expect(await Promise.all([textOf(stdout), textOf(stderr), ended])).toEqual([
    `${tmpdir()} yes \n`,
    "no\n",
    { code: 3, signal: null },
  ]);
  delete process.env.OURS;
});

test("what can't be started says so where its end is waited for", async () => {
  const { ended } = newCall().start({ file: "/none", args: [], folder: tmpdir() });
  await expect(ended).rejects.toThrow(/ENOENT/);
});

test.each([
  ["a child", "sleep 600 & echo $!; wait"],
  ["a child whose parent has ended", "sleep 600 & echo $!"],
  ["one that left its session", "setsid sleep 600 & echo $!; wait"],
  [
    "one that left its session and its parent",
    "(setsid sh -c 'echo $$; exec sleep 600' &) ; sleep 1",
  ],
  ["one with an empty environment", "env -i sleep 600 & echo $!"],
  [
    "one with an empty environment in a session of its own",
    "env -i setsid sleep 600 & echo $!; wait",
  ],
  [
    "one that does not heed SIGTERM",
    "trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $!; wait",
  ],
])("at the call's end nothing is left: %s", async (_, script) => {
  const call = newCall();
  const { stdout, ended } = call.start(shell(`${script} >&1 2>/dev/null`));
  ended.catch(() => undefined);
  const pid = Number(await firstLine(stdout));
  expect(runs(pid)).toBe(true);
  await call.end();
  expect(runs(pid)).toBe(false);
});

test("one call's end leaves another's processes alone", async () => {
  const [one, other] = [newCall(), newCall()];
  one.start(shell("sleep 600"));
  const { pid = 0 } = other.start(shell("sleep 600"));
  await one.end();
  expect(runs(pid)).toBe(true);
});

test("a call that has ended starts nothing", async () => {
  const call = newCall();
  await call.end();
  expect(() => call.start(shell("true"))).toThrow(/has ended/);
});

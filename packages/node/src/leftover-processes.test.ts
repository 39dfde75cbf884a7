import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { leftoversOf, type ProcessFacts } from "./leftover-processes.ts";

const USER = 1000;
const facts = (pid: number, change: Partial<ProcessFacts> = {}): ProcessFacts => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  user: USER,
  ...change,
});

const PROCESSES = [
  facts(1, { user: 0 }),
  facts(40),
  facts(50, { parent: 40 }),
  facts(60, { parent: 50 }),
  facts(61, { parent: 60, group: 61, session: 61 }),
  facts(62, { group: 50 }),
  facts(63, { session: 50 }),
  facts(64),
  facts(65, { user: 0 }),
  facts(70, { parent: 40 }),
];

test.each([
  ["below this process, in its group and in its session", false, [60, 61, 62, 63]],
  ["of its user, where it is alone", true, [40, 60, 61, 62, 63, 64, 70]],
])("what is left over is what runs %s", (_, alone, expected) => {
  expect(leftoversOf(PROCESSES, 50, { alone })).toEqual(expected);
});

test("a process that can't see itself ends nobody", () => {
  expect(leftoversOf(PROCESSES, 99, { alone: true })).toEqual([]);
});

const LEADER = `
  import { spawn } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { endLeftovers } from ${JSON.stringify(path.join(import.meta.dirname, "leftover-processes.ts"))};
  const child = spawn("sh", ["-c", "sleep 600 & exec sleep 600"], { stdio: "ignore" });
  const orphan = spawn("sh", ["-c", "sleep 600 & echo $!"], { stdio: ["ignore", "pipe", "ignore"] });
  const grandchild = await new Promise((resolve) => orphan.stdout.once("data", (data) => resolve(Number(data))));
  const clock = { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
  await endLeftovers({ alone: false }, clock);
  // Nobody may be there to bury it: a zombie runs no longer.
  const isGone = (pid) => { try { return /\\) Z /.test(readFileSync("/proc/" + pid + "/stat", "utf8")); } catch { return true; } };
  await new Promise((resolve) => child.signalCode ? resolve() : child.once("exit", resolve));
  console.log(JSON.stringify({ child: isGone(child.pid), grandchild: isGone(grandchild) }));
`;

test("children and what they left behind are ended, and this process goes on", async () => {
  const leader = spawn(process.execPath, ["--input-type=module", "--eval", LEADER], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(leader, "exit");
  const [line] = await once(createInterface({ input: leader.stdout }), "line");
  expect(JSON.parse(String(line))).toEqual({ child: true, grandchild: true });
  expect(await exited).toEqual([0, null]);
});

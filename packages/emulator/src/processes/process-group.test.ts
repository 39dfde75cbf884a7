import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { signalGroup } from "./process-group.ts";

test("a child's group is signalled, and one that is gone says so", async () => {
  const child = spawn("/bin/sleep", ["60"], { detached: true, stdio: "ignore" });
  const ended = once(child, "exit");
  expect(signalGroup(child.pid ?? 0, "SIGKILL")).toBe(true);
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(signalGroup(2 ** 22 + 1, "SIGKILL")).toBe(false);
});

// SIGCONT harms nobody, should it be sent after all.
test.each([0, 1, -1, Number.NaN])("%j is no group of a child's", (leader) => {
  expect(() => signalGroup(leader, "SIGCONT")).toThrow(RangeError);
});

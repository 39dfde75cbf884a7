import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { isAbandoned, isTemporaryName, temporaryName } from "./temporary-name.ts";

const nameOf = (pid: number) => `.zenode-${pid}-${crypto.randomUUID()}`;

test("what this process writes is a temporary file, and not abandoned", () => {
  expect(isTemporaryName(temporaryName())).toBe(true);
  expect(isAbandoned(temporaryName())).toBe(false);
});

test("a file whose writer has ended is abandoned", async () => {
  const child = spawn("true");
  await once(child, "close");
  expect(isAbandoned(nameOf(child.pid ?? 0))).toBe(true);
});

test.skipIf(!existsSync("/proc/self/stat"))(
  "a file whose writer has ended is abandoned, though nobody has asked for its exit code",
  async () => {
    // The shell becomes one that never waits for what the shell started; that ends when its input does (the shell gives
    // what it starts in the background an empty one, so it is handed over by another number).
    const script = 'exec 3<&0; cat <&3 >/dev/null & echo "$!"; exec sleep 60';
    const child = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [line] = await once(createInterface({ input: child.stdout }), "line");
      const name = nameOf(Number(line));
      expect(isAbandoned(name)).toBe(false);
      child.stdin.end();
      await expect.poll(() => isAbandoned(name), { timeout: 10_000 }).toBe(true);
      expect(process.kill(Number(line), 0)).toBe(true);
    } finally {
      child.kill("SIGKILL");
      await once(child, "close");
    }
  },
);

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a folder is locked once, and again after its release", () => {
  const lock = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: "FOLDER_IN_USE" }));
  lock.release();
  lockFolder(dir).release();
});

test("a kill of the holder sets the folder free", async () => {
  const module = JSON.stringify(new URL("./folder-lock.ts", import.meta.url).href);
  const script = `import { lockFolder } from ${module};
    lockFolder(${JSON.stringify(dir)}); console.log("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(holder, "exit");
  await once(holder.stdout, "data");
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: "FOLDER_IN_USE" }));
  holder.kill("SIGKILL");
  await exited;
  lockFolder(dir).release();
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadStateKeys } from "./state-keys.ts";

const state = mkdtempSync(path.join(os.tmpdir(), "zenode-keys-"));
const file = path.join(state, "state-keys");
afterEach(() => rmSync(state, { recursive: true, force: true }));

test("a key is made once, for its owner alone; a new line on top is the newest", () => {
  const first = loadStateKeys(state);
  expect(Buffer.from(first, "base64url")).toHaveLength(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadStateKeys(state)).toBe(first);
  writeFileSync(file, `newer\n${readFileSync(file, "utf8")}`);
  expect(loadStateKeys(state)).toBe(`newer,${first}`);
});

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Keys that sign what clients bring back, made at the first start, readable by their owner only.
 * To replace one, put a new line on top; the lower ones are still taken.
 */
export function loadStateKeys(state: string): string {
  const file = path.join(state, "state-keys");
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  }
  return readFileSync(file, "utf8").trim().split(/\s+/).join(",");
}

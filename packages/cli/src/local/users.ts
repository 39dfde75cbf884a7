import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { UserTemplate } from "@zenode/emulator";

/** Local users and their passwords, made at the first start, readable by their owner only. */
export function loadUsers(state: string): readonly UserTemplate[] {
  const file = path.join(state, "users.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as UserTemplate[];
  const users: UserTemplate[] = ["dev", "alice", "bob"].map((username) => ({
    username,
    password: `Z1!${randomBytes(12).toString("base64url")}`,
    email: `${username}@example.com`,
  }));
  mkdirSync(state, { recursive: true });
  writeFileSync(file, `${JSON.stringify(users, null, 2)}\n`, { mode: 0o600 });
  return users;
}

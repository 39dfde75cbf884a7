import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS users (
    username TEXT PRIMARY KEY,
    sub TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    email TEXT NOT NULL,
    groups TEXT NOT NULL,
    attributes TEXT NOT NULL,
    status TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash TEXT PRIMARY KEY,
    origin_jti TEXT NOT NULL,
    client_id TEXT NOT NULL,
    username TEXT NOT NULL,
    scopes TEXT NOT NULL,
    resource TEXT,
    auth_time INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    usable_until_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS refresh_tokens_origin ON refresh_tokens (origin_jti);
  CREATE TABLE IF NOT EXISTS revoked_origins (
    origin_jti TEXT PRIMARY KEY
  ) STRICT;
  CREATE TABLE IF NOT EXISTS browser_sessions (
    hash TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
  ) STRICT;
`;

/** Opens the pool's database under `dir`; WAL keeps what was committed when the process is killed. */
export function openDatabase(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(dir, "user-pool.sqlite"), { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(SCHEMA);
  return database;
}

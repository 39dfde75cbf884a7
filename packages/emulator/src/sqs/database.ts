import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * A message waits from `visible_ms` on; with `receives` above 0 it is in flight until then, with 0 it is
 * delayed. `receives` also tells the last receipt handle from those before it.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS queue (
  name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, purged_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  detail TEXT NOT NULL, sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL,
  receives INTEGER NOT NULL, first_received_ms INTEGER, received_ms INTEGER, dead_letter_source TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS message_by_time ON message (queue, visible_ms, seq);`;

/** Opens the queues' file under `dir`, for one process at a time. What is committed outlives a kill. */
export function openDatabase(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true });
  const database = new DatabaseSync(join(dir, "sqs.sqlite"), { timeout: 1000 });
  database.exec(
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
  );
  database.exec(SCHEMA);
  return database;
}

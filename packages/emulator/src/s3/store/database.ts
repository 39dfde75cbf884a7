import { DatabaseSync } from "node:sqlite";

/**
 * The index. Keys are TEXT, which SQLite orders by their UTF-8 bytes, as S3 does.
 * A row is written only after the blobs it names are complete.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS bucket (
  name TEXT PRIMARY KEY, created INTEGER NOT NULL, cors TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
  bucket TEXT NOT NULL, key TEXT NOT NULL, bytes INTEGER NOT NULL, etag TEXT NOT NULL,
  modified INTEGER NOT NULL, detail TEXT NOT NULL, parts TEXT NOT NULL,
  PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, initiated INTEGER NOT NULL,
  detail TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS upload_of_key ON upload (bucket, key, id);
CREATE TABLE IF NOT EXISTS part (
  upload TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL, bytes INTEGER NOT NULL,
  etag TEXT NOT NULL, modified INTEGER NOT NULL, checksums TEXT NOT NULL,
  PRIMARY KEY (upload, number)
) WITHOUT ROWID;`;

/**
 * Opens the index. Only one process may hold it: a second emulator on the same folder would sweep the
 * blobs the first is about to refer to. What is committed outlives a kill of the process.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 1000 });
  database.exec(
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
  );
  database.exec(SCHEMA);
  return database;
}

/** Runs `work` as one transaction. */
export function transact<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (cause) {
    database.exec("ROLLBACK");
    throw cause;
  }
}

import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Blobs kept beside the index: making a file takes longer than all the rest of a small write. */
export class SmallBlobs {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #copy: StatementSync;
  readonly #delete: StatementSync;
  readonly #ids: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec("CREATE TABLE IF NOT EXISTS blob (id TEXT PRIMARY KEY, data BLOB NOT NULL)");
    this.#put = database.prepare("INSERT INTO blob VALUES (?, ?)");
    this.#get = database.prepare("SELECT data FROM blob WHERE id = ?");
    this.#copy = database.prepare("INSERT INTO blob SELECT ?, data FROM blob WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM blob WHERE id = ?");
    this.#ids = database.prepare("SELECT id FROM blob");
  }

  put(id: string, data: Buffer): void {
    this.#put.run(id, data);
  }

  get(id: string): Buffer {
    const row = this.#get.get(id);
    if (row === undefined) throw new Error(`There is no blob ${id}.`);
    const data = row.data as Uint8Array;
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }

  copy(from: string, to: string): void {
    this.#copy.run(to, from);
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  ids(): string[] {
    return this.#ids.all().map((row) => String(row.id));
  }
}

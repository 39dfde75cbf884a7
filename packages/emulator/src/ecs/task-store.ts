import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Task } from "./task.ts";

/** Stopped tasks can be described for an hour, then they are gone (ECS API Reference, "DescribeTasks"). */
const STOPPED_KEPT_SECONDS = 60 * 60;

export interface StoredTask {
  readonly task: Task;
  /** The token of the RunTask call and a digest of its parameters. */
  readonly client?: { readonly token: string; readonly digest: string };
}

/** Tasks by ARN, in the order they were run; kept in one SQLite file. */
export class TaskStore {
  readonly #database: DatabaseSync;
  readonly #tasks = new Map<string, StoredTask>();

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true });
    this.#database = new DatabaseSync(join(dir, "ecs-tasks.sqlite"));
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS tasks (arn TEXT PRIMARY KEY, stored TEXT NOT NULL)",
    );
    for (const row of this.#database.prepare("SELECT stored FROM tasks ORDER BY rowid").all()) {
      const stored = JSON.parse(String(row.stored)) as StoredTask;
      this.#tasks.set(stored.task.taskArn, stored);
    }
  }

  get(taskArn: string): StoredTask | undefined {
    return this.#tasks.get(taskArn);
  }

  all(): readonly StoredTask[] {
    return [...this.#tasks.values()];
  }

  put(stored: StoredTask): void {
    const { taskArn } = stored.task;
    this.#tasks.set(taskArn, stored);
    this.#database
      .prepare(
        "INSERT INTO tasks VALUES (?, ?) ON CONFLICT (arn) DO UPDATE SET stored = excluded.stored",
      )
      .run(taskArn, JSON.stringify(stored));
  }

  /** Forgets tasks that stopped too long before `now` (epoch seconds). */
  forgetStopped(now: number): void {
    for (const { task } of this.all()) {
      if (task.stoppedAt === undefined || task.stoppedAt > now - STOPPED_KEPT_SECONDS) continue;
      this.#tasks.delete(task.taskArn);
      this.#database.prepare("DELETE FROM tasks WHERE arn = ?").run(task.taskArn);
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

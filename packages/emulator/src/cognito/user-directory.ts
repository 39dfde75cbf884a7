import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { EmulatorClock } from "../clock.ts";
import type { UserTemplate } from "../template.ts";
import { hashPassword, passwordMatches } from "./password.ts";

export interface User {
  readonly username: string;
  /** UUID, the `sub` of every token; never changes. */
  readonly sub: string;
  readonly email: string;
  readonly groups: readonly string[];
  /** Custom attributes under their full names (`custom:tenant`). */
  readonly attributes: Readonly<Record<string, string>>;
  readonly status: "CONFIRMED" | "FORCE_CHANGE_PASSWORD";
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** The users of the pool; they survive restarts. */
export class UserDirectory {
  readonly #database: DatabaseSync;
  readonly #clock: EmulatorClock;

  constructor(database: DatabaseSync, clock: EmulatorClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Makes the template's users exist as the template says; their `sub` is kept, other users are left alone. */
  async seed(users: readonly UserTemplate[]): Promise<void> {
    await Promise.all(users.map((user) => this.#seedOne(user)));
  }

  find(username: string): User | undefined {
    const row = this.#database.prepare("SELECT * FROM users WHERE username = ?").get(username);
    return row === undefined ? undefined : toUser(row);
  }

  list(): readonly User[] {
    return this.#database.prepare("SELECT * FROM users ORDER BY username").all().map(toUser);
  }

  /** The user if the password is right; a user who has yet to choose one cannot sign in. */
  async signIn(username: string, password: string): Promise<User | undefined> {
    const matches = await passwordMatches(password, this.#passwordHash(username));
    const user = matches ? this.find(username) : undefined;
    return user?.status === "CONFIRMED" ? user : undefined;
  }

  /** Adds a user; false when the name is taken. */
  async create(user: UserTemplate): Promise<boolean> {
    if (this.find(user.username) !== undefined) return false;
    this.#put(user, await hashPassword(user.password), "FORCE_CHANGE_PASSWORD");
    return true;
  }

  async setPassword(username: string, password: string, permanent: boolean): Promise<void> {
    this.#database
      .prepare("UPDATE users SET password = ?, status = ?, modified_ms = ? WHERE username = ?")
      .run(
        await hashPassword(password),
        permanent ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD",
        this.#clock.now(),
        username,
      );
  }

  addToGroup(user: User, group: string): void {
    const groups = [...new Set([...user.groups, group])];
    this.#database
      .prepare("UPDATE users SET groups = ?, modified_ms = ? WHERE username = ?")
      .run(JSON.stringify(groups), this.#clock.now(), user.username);
  }

  async #seedOne(user: UserTemplate): Promise<void> {
    const hash = this.#passwordHash(user.username);
    const kept = hash !== undefined && (await passwordMatches(user.password, hash));
    this.#put(user, kept ? hash : await hashPassword(user.password), "CONFIRMED");
  }

  #passwordHash(username: string): string | undefined {
    const row = this.#database
      .prepare("SELECT password FROM users WHERE username = ?")
      .get(username);
    return typeof row?.password === "string" ? row.password : undefined;
  }

  #put(user: UserTemplate, hash: string, status: User["status"]): void {
    const now = this.#clock.now();
    this.#database
      .prepare(
        `INSERT INTO users (username, sub, password, email, groups, attributes, status, created_ms, modified_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (username) DO UPDATE SET password = excluded.password, email = excluded.email,
           groups = excluded.groups, attributes = excluded.attributes, status = excluded.status`,
      )
      .run(
        user.username,
        randomUUID(),
        hash,
        user.email,
        JSON.stringify(user.groups ?? []),
        JSON.stringify(user.attributes ?? {}),
        status,
        now,
        now,
      );
  }
}

function toUser(row: Record<string, unknown>): User {
  return {
    username: String(row.username),
    sub: String(row.sub),
    email: String(row.email),
    groups: JSON.parse(String(row.groups)) as string[],
    attributes: JSON.parse(String(row.attributes)) as Record<string, string>,
    status: row.status === "CONFIRMED" ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD",
    createdMs: Number(row.created_ms),
    modifiedMs: Number(row.modified_ms),
  };
}

/** The user's attributes as Cognito lists them, `sub` first. */
export function attributesOf(user: User): Record<string, string> {
  return { sub: user.sub, email_verified: "true", email: user.email, ...user.attributes };
}

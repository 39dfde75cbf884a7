import type { DatabaseSync } from "node:sqlite";
import type { EmulatorClock } from "../clock.ts";
import { hashSecretToken, newSecretToken } from "./secret-token.ts";

/** Cognito's sign-in cookie is good for an hour and is not prolonged by use. */
const SESSION_SECONDS = 60 * 60;
const COOKIE = "cognito";

export interface BrowserSession {
  readonly username: string;
  readonly authTime: number;
}

/** Sign-ins a browser carries in its cookie, so that the next authorize needs no password. */
export class BrowserSessionStore {
  readonly #database: DatabaseSync;
  readonly #clock: EmulatorClock;

  constructor(database: DatabaseSync, clock: EmulatorClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Starts a session; returns it and its `Set-Cookie` value. */
  start(username: string): { session: BrowserSession; cookie: string } {
    const now = this.#clock.now();
    const token = newSecretToken();
    const session = { username, authTime: Math.floor(now / 1_000) };
    this.#database
      .prepare("INSERT INTO browser_sessions VALUES (?, ?, ?, ?)")
      .run(hashSecretToken(token), username, session.authTime, now + SESSION_SECONDS * 1_000);
    return { session, cookie: setCookie(token, SESSION_SECONDS) };
  }

  /** The live session named by a `Cookie` header. */
  find(cookieHeader: string | undefined): BrowserSession | undefined {
    const token = readCookie(cookieHeader);
    if (token === undefined) return undefined;
    const row = this.#database
      .prepare("SELECT * FROM browser_sessions WHERE hash = ? AND expires_ms > ?")
      .get(hashSecretToken(token), this.#clock.now());
    if (row === undefined) return undefined;
    return { username: String(row.username), authTime: Number(row.auth_time) };
  }

  /** Ends the session; returns the `Set-Cookie` value that makes the browser forget it. */
  end(cookieHeader: string | undefined): string {
    const token = readCookie(cookieHeader);
    if (token !== undefined) {
      this.#database
        .prepare("DELETE FROM browser_sessions WHERE hash = ?")
        .run(hashSecretToken(token));
    }
    return setCookie("", 0);
  }
}

function setCookie(value: string, maxAge: number): string {
  return `${COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax`;
}

function readCookie(header: string | undefined): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const [name, value] = pair.trim().split("=");
    if (name === COOKIE && value !== undefined && value !== "") return value;
  }
  return undefined;
}

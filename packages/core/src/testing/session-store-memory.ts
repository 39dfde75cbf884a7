import type { Clock } from "../lib/clock.ts";
import { MAX_SUBSCRIPTIONS, type Session, type SessionStore } from "../session/session-store.ts";

/** SessionStore in this process's memory. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #clock: Pick<Clock, "now">;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  create(session: Session): Promise<void> {
    this.#sessions.set(key(session.tenant, session.id), structuredClone(session));
    return Promise.resolve();
  }

  get(tenant: string, id: string): Promise<Session | undefined> {
    const session = this.#sessions.get(key(tenant, id));
    const live = session !== undefined && session.expiresAt > this.#clock.now();
    return Promise.resolve(live ? session : undefined);
  }

  setLogLevel(tenant: string, id: string, logLevel: string): Promise<void> {
    return this.#change(tenant, id, (session) => ({ ...session, logLevel }));
  }

  async subscribe(tenant: string, id: string, uri: string): Promise<boolean> {
    const others = (await this.get(tenant, id))?.subscriptions.filter((known) => known !== uri);
    if (others && others.length >= MAX_SUBSCRIPTIONS) return false;
    await this.#change(tenant, id, (session) => ({
      ...session,
      subscriptions: [...session.subscriptions.filter((known) => known !== uri), uri],
    }));
    return true;
  }

  unsubscribe(tenant: string, id: string, uri: string): Promise<void> {
    return this.#change(tenant, id, (session) => ({
      ...session,
      subscriptions: session.subscriptions.filter((known) => known !== uri),
    }));
  }

  async delete(tenant: string, id: string): Promise<boolean> {
    const found = (await this.get(tenant, id)) !== undefined;
    this.#sessions.delete(key(tenant, id));
    return found;
  }

  async #change(tenant: string, id: string, change: (session: Session) => Session): Promise<void> {
    const session = await this.get(tenant, id);
    if (session) this.#sessions.set(key(tenant, id), change(session));
  }
}

function key(tenant: string, id: string): string {
  return JSON.stringify([tenant, id]);
}
